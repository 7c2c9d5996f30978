import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { PINNING } from "../measure/child.ts";
import { goesFirst } from "../measure/priority.ts";
import type { Results } from "../results.ts";
import { judge } from "./aims.ts";
import { judgeLimits } from "./limits.ts";
import { picture, TITLE as PICTURE } from "./picture.ts";
import { aimsTable, LEGEND, measuredTables, tookTable } from "./table.ts";

const BEGIN = "<!-- bench: begin; written by `pnpm bench --write` -->";
const END = "<!-- bench: end -->";

/** From tests/bench/dist/bench/report. */
const DOCS = new URL("../../../../../docs/", import.meta.url);

/** What was measured on what. */
export function circumstances(command: string, tookMs: number): string {
  const { length } = cpus();
  const model = cpus()[0]?.model.trim() ?? "an unknown processor";
  const gib = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  const priority = goesFirst() ? "before all others there" : "no right to go before others";
  return `${length} × ${model}, ${gib} GiB, ${process.platform}; Node ${process.version}; ${PINNING.text}, ${priority}; ${date}; \`${command}\`, ${(tookMs / 60_000).toFixed(1)} min`;
}

export function report(results: Results): string {
  const judged = judge(results);
  const limits = judgeLimits(results);
  const parts = ["## Measured", LEGEND, measuredTables(results)];
  if (judged.length + limits.length > 0) parts.push("## Aims", aimsTable(judged, limits));
  parts.push("## How long it took", tookTable(results.took));
  return parts.join("\n\n");
}

/** Replaces what is between the markers of docs/performance.md, and the picture beside it. */
export function write(results: Results, about: string): void {
  const page = fileURLToPath(new URL("performance.md", DOCS));
  const text = `${about}\n\n![${PICTURE}](performance.svg)\n\n${report(results)}`;
  writeFileSync(page, between(readFileSync(page, "utf8"), text));
  writeFileSync(
    fileURLToPath(new URL("performance.svg", DOCS)),
    picture(judge(results).filter(({ atMost }) => atMost < Infinity)),
  );
}

export function between(page: string, text: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`the page has no ${BEGIN} before ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`;
}
