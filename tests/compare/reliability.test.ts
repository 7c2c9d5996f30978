import { expect, test } from "vitest";
import type { Column } from "./column.ts";
import { COLUMNS, failed, look, missing, ROWS, table } from "./reliability.ts";
import type { Row } from "./row.ts";

const OURS = COLUMNS.filter(({ kind }) => kind !== "stock");

if (missing) test.skip(`X1 to X13 on ${missing}`, () => {});

/** What is judged in each row, or all where nobody is: what it costs to look is worth it there. */
function columnsOf(row: Row): Column[] {
  return OURS.filter(({ kind }) => row.judged.length === 0 || row.judged.includes(kind));
}

const NAMED = ROWS.map((row) => [row.id, row.situation, row] as const).filter(
  ([, , row]) => columnsOf(row).length > 0,
);

test.each(NAMED)("%s %s", async (_id, _situation, row) => {
  const findings = await look(row, columnsOf(row), "short");
  console.log(table(row, findings));
  expect(findings.filter(failed).map(({ column, seen }) => `${column.name}: ${seen.text}`)).toEqual([]);
});
