import { afterAll, describe, expect, test } from "vitest";
import { Cell, type Setup } from "./cell.ts";
import { type Column, transportsOf } from "./column.ts";
import { cellName, ROWS } from "./matrix.ts";

interface Libraries extends Pick<Setup, "serve" | "dial"> {
  /** Why the host is not there, if it is not. */
  readonly missing?: string | undefined;
}

/** Registers every row in the columns of one pairing and host. */
export function sheet(at: Pick<Column, "pairing" | "host">, { missing, ...libraries }: Libraries): void {
  let registered = 0;
  const closing: Promise<unknown>[] = [];
  if (missing) console.warn(`[interop] ${at.pairing} is SKIPPED: ${missing}`);
  const transports = transportsOf(at.pairing);
  for (const transport of transports) {
    const column: Column = { ...at, transport };
    describe.skipIf(missing)(`${at.pairing}, ${at.host}, ${transport}`, () => {
      for (const row of ROWS) {
        registered += 1;
        test(cellName(column, row), async () => {
          const cell = await Cell.open({ ...libraries, host: at.host, transport }, row.server ?? {});
          // A server takes a moment to say goodbye; the next row need not wait for it.
          await row
            .run(cell)
            .catch((error: unknown) => {
              for (const reported of cell.errors) console.error("reported by the server:", reported);
              throw error;
            })
            .finally(() => closing.push(cell.close().catch((error: unknown) => error)));
        });
      }
    });
  }
  afterAll(async () => {
    const failures = (await Promise.all(closing)).filter((failure) => failure !== undefined);
    expect(failures).toEqual([]);
    expect(registered).toBe(ROWS.length * transports.length);
  });
}
