import { CONTESTANTS, FLOORS, type HostName } from "../contestants.ts";
import { type Ratio, ratioOf } from "../measure/statistics.ts";
import type { Results, Row } from "../results.ts";

/** Whom a row's numbers are measured by on such a host: the floor, or Socket.IO where the floor does not have it. */
export function baseOf({ cells }: Row, host: HostName): string | undefined {
  return FLOORS[host].find((name) => cells.has(name));
}

/** What a contestant costs as a multiple of what its host's base does; none for the base itself. */
export function ratioToBase(row: Row, contestant: string): Ratio | undefined {
  const host = CONTESTANTS.find(({ name }) => name === contestant)?.host;
  const base = host && baseOf(row, host);
  if (base === undefined || base === contestant) return undefined;
  return ratioOf(row.cells.get(contestant)?.values ?? [], row.cells.get(base)?.values ?? []);
}

export interface Named {
  readonly label: string;
  readonly ratio: Ratio;
}

/**
 * The ratios of all that is measured in CPU or memory. What is measured in milliseconds is left out: delays are those of a
 * machine and of what else it does.
 */
export function ratiosOf({ rows }: Results): Named[] {
  return rows
    .filter(({ unit }) => unit === "µs" || unit === "KB")
    .flatMap((row) =>
      [...row.cells.keys()].flatMap((contestant) => {
        const ratio = ratioToBase(row, contestant);
        return ratio ? [{ label: `${row.label}: ${contestant}`, ratio }] : [];
      }),
    );
}
