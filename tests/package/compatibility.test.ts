import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../compatibility.mjs", import.meta.url));
const TABLE = fileURLToPath(new URL("../../COMPATIBILITY.md", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "bowline-compatibility-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(table: string): { readonly code: number | null; readonly lines: readonly string[] } {
  const { status, stdout } = spawnSync(process.execPath, [SCRIPT, table], { encoding: "utf8" });
  return { code: status, lines: stdout.trim().split("\n") };
}

/** The table with something changed in it. */
function doctored(change: (table: string) => string): string {
  const path = join(folder, "table.md");
  writeFileSync(path, change(readFileSync(TABLE, "utf8")));
  return path;
}

test("every row of COMPATIBILITY.md has a proof that is a test, and under 2 % differ", () => {
  const { code, lines } = run(TABLE);
  console.log(lines.at(-1));
  expect(lines.slice(0, -1)).toEqual([]);
  expect(code).toBe(0);
});

test.each<[string, (table: string) => string, RegExp]>([
  ["a rule without a test", (table) => table.replace("| E12 |", "| Q99 |"), /no test begins with \[Q99\]/],
  [
    "a test that is not there",
    (table) => table.replace("| E12 |", "| `no such test` |"),
    /no test is called/,
  ],
  ["no proof", (table) => table.replace("| E12 |", "| |"), /no proof/],
  [
    "rows that differ",
    (table) => table.replaceAll("| same |", "| **differs**: for a reason like this |"),
    /too many/,
  ],
])("the count fails on %s", (_, change, fault) => {
  const { code, lines } = run(doctored(change));
  expect(lines.join("\n")).toMatch(fault);
  expect(code).toBe(1);
});
