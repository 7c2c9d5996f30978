import { median, spread } from "../measure/statistics.ts";
import type { Cell, Results, Row } from "../results.ts";
import type { Judged } from "./aims.ts";
import type { LimitJudged } from "./limits.ts";

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

function cellText(cell: Cell | undefined): string {
  if (!cell) return "–";
  const waited = median(cell.loadShares) > 1 ? WAITED : "";
  const around = cell.values.length > 1 ? ` ${percent(spread(cell.values))}` : "";
  return `${digits(median(cell.values))}${around}${waited}`;
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

export function measuredTable(results: Results): string {
  const columns = columnsOf(results.rows);
  const lines = results.rows.map((row) => [
    `${row.label}, ${row.unit}`,
    ...columns.map((name) => cellText(row.cells.get(name))),
  ]);
  return markdown(["", ...columns], lines);
}

export function aimsTable(judged: readonly Judged[], limits: readonly LimitJudged[]): string {
  const lines = judged.map(({ label, ratio, atMost, isMet }) => [
    label,
    `${digits(ratio.value)} ${percent(ratio.spread)}`,
    digits(atMost),
    isMet ? "yes" : "NO",
  ]);
  const more = limits.map(({ label, value, atMost, unit, isMet }) => [
    label,
    `${digits(value)} ${unit}`,
    `${digits(atMost)} ${unit}`,
    isMet ? "yes" : "NO",
  ]);
  return markdown(["", "measured", "at most", "holds"], [...lines, ...more]);
}

export const LEGEND = `µs are of the server's CPU for each operation, user and system time, the median of the rounds; ± is half of what lies between
the least and the greatest, in percent. ${WAITED}: the generator took more CPU than the server, which had to wait for it now and then.
\`+own\`: with clients of Bowline, whose events are kept for resumption until they confirm them.`;
