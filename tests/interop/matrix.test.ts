import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Column, SHEETS, transportsOf } from "./column.ts";
import { cellName, ROWS } from "./matrix.ts";

const COLUMNS: readonly Column[] = SHEETS.flatMap(({ pairing, host }) =>
  transportsOf(pairing).map((transport) => ({ pairing, host, transport })),
);

test("[interop] the matrix has a cell for every row in every column, each with a name of its own", () => {
  const names = COLUMNS.flatMap((column) => ROWS.map((row) => cellName(column, row)));
  expect(new Set(names).size).toBe(ROWS.length * COLUMNS.length);
  console.info(`interop matrix: ${names.length} cells (${ROWS.length} rows × ${COLUMNS.length} columns)`);
});

test("[interop] every sheet has its file, and every file is a sheet", () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts"));
  const others = ["bind.test.ts", "matrix.test.ts", "wire.test.ts"];
  expect(files.toSorted()).toEqual([...SHEETS.map(({ file }) => file), ...others].toSorted());
  for (const { file, pairing, host } of SHEETS) {
    expect(readFileSync(`${import.meta.dirname}/${file}`, "utf8")).toContain(
      `{ pairing: "${pairing}", host: "${host}" }`,
    );
  }
});
