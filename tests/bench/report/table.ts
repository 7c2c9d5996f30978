import { median, spread } from "../measure/statistics.ts";
import type { Results, Row, Took } from "../results.ts";
import type { Judged } from "./aims.ts";
import type { LimitJudged } from "./limits.ts";
import { ratioToBase } from "./ratios.ts";

/** Three digits that count, as far as that is honest. */
export function digits(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function percent(share: number): string {
  return Number.isNaN(share) ? "" : `±${(share * 100).toFixed(0)}`;
}

/** The generator took more CPU than the server, which then waited for it now and then. */
export const WAITED = "*";

function cellText(row: Row, contestant: string): string {
  const cell = row.cells.get(contestant);
  if (!cell) return "–";
  const waited = median(cell.loadShares) > 1 ? WAITED : "";
  const text = `${digits(median(cell.values))}${waited}`;
  const ratio = row.unit === "µs" || row.unit === "KB" ? ratioToBase(row, contestant) : undefined;
  if (ratio) return `${text} ${digits(ratio.value)}× ${percent(ratio.spread)}`;
  return cell.values.length > 1 ? `${text} ${percent(spread(cell.values))}` : text;
}

/** Those that were measured in any row, in the order in which they came. */
function columnsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => [...row.cells.keys()]))];
}

/** As a table of Markdown, which can be read in a terminal too. */
export function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] ?? "").length)),
  );
  const pad = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 0 ? text.padEnd(width) : text.padStart(width);
  };
  const row = (line: readonly string[]): string => `| ${line.map(pad).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [row(head), row(rule), ...lines.map(row)].join("\n");
}

/** A table for each workload, under its title. */
export function measuredTables({ rows }: Results): string {
  const sections = [...new Set(rows.map(({ section }) => section))];
  const tableOf = (section: string): string => {
    const own = rows.filter((row) => row.section === section);
    const columns = columnsOf(own);
    const lines = own.map((row) => [
      row.unit === "" ? row.label : `${row.label}, ${row.unit}`,
      ...columns.map((name) => cellText(row, name)),
    ]);
    return markdown(["", ...columns], lines);
  };
  return sections.map((section) => `### ${capital(section)}\n\n${tableOf(section)}`).join("\n\n");
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function aimsTable(judged: readonly Judged[], limits: readonly LimitJudged[]): string {
  const lines = judged.map(({ group, label, ratio, atMost, isMet }) => [
    `${group}: ${label}`,
    `${digits(ratio.value)} ${percent(ratio.spread)}`,
    `${digits(ratio.least)}–${digits(ratio.greatest)}`,
    ...verdict(atMost, isMet),
  ]);
  const more = limits.map(({ label, value, limit, isAtLeast, unit, isMet }) => [
    label,
    `${digits(value)} ${unit}`.trim(),
    "",
    `${isAtLeast ? "at least " : ""}${digits(limit)} ${unit}`.trim(),
    isMet ? "held" : "MISSED",
  ]);
  return markdown(["aim", "measured", "of any turn", "at most", ""], [...lines, ...more]);
}

function verdict(atMost: number, isMet: boolean): [string, string] {
  if (atMost === Infinity) return ["", ""];
  return [digits(atMost), isMet ? "held" : "MISSED"];
}

export function tookTable(took: readonly Took[]): string {
  const all = took.reduce((sum, { seconds }) => sum + seconds, 0);
  const lines = [...took, { workload: "all", seconds: all }].map(({ workload, seconds }) => [
    workload,
    seconds.toFixed(0),
  ]);
  return markdown(["workload", "seconds"], lines);
}

export const LEGEND = `µs are of the server's CPU for each operation, user and system time, the median of the turns. × is the ratio to the floor of the
same host, which stands without one (to Socket.IO where the floor does not have such a thing): the median of the ratios of each turn. ±
is half of what lies between the quartiles of the turns, in percent, and of the ratio where there is one. ${WAITED}: the generator was at work for
longer than the server, which had to wait for it now and then. \`+own\`: with clients of Bowline, whose events are kept for resumption until
they confirm them.`;
