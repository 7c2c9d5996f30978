import { expect, test } from "vitest";
import { COLUMNS, failed, look, missing, ROWS, table } from "./reliability.ts";

if (missing) console.log(`Not on uWebSockets.js: ${missing}\n`);

const NAMED = ROWS.map((row) => [row.id, row.situation, row] as const);

test.each(NAMED)("%s %s", async (_id, _situation, row) => {
  const findings = await look(row, COLUMNS, "full");
  console.log(table(row, findings));
  expect(findings.filter(failed).map(({ column, seen }) => `${column.name}: ${seen.text}`)).toEqual([]);
});
