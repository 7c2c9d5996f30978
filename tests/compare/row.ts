import type { Bench, Column, Kind } from "./column.ts";

/** How much of it: `short` has the same checks in less time. */
export type Scale = "full" | "short";

/** What was seen, in words and numbers; `isGood` says whether that is what we promise. */
export interface Seen {
  readonly text: string;
  readonly isGood: boolean;
}

export interface Row {
  readonly id: string;
  readonly situation: string;
  /** What is expected of us. */
  readonly expected: string;
  /** Of whom; the others are looked at and not judged. */
  readonly judged: readonly Kind[];
  /** It waits more than it works, and measures neither memory nor speed: all columns at once. */
  readonly isIdle?: boolean;
  look(column: Column, scale: Scale): Promise<Seen>;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What became of `0, 1, 2 …`. */
export interface Delivery {
  readonly text: string;
  readonly isWhole: boolean;
}

export function deliveryOf(numbers: readonly number[], sent: number): Delivery {
  const distinct = new Set(numbers).size;
  const doubled = numbers.length - distinct;
  let late = 0;
  let highest = -1;
  for (const number of numbers) {
    if (number < highest) late++;
    highest = Math.max(highest, number);
  }
  const isWhole = distinct === sent && doubled === 0 && late === 0;
  const share = `${distinct} of ${sent} delivered (${((100 * distinct) / sent).toFixed(1)} %)`;
  if (isWhole) return { text: `${share}, in order, once`, isWhole };
  const faults = [doubled > 0 && `${doubled} doubled`, late > 0 && `${late} out of order`];
  return { text: [share, ...faults.filter(Boolean)].join(", "), isWhole };
}

/** Runs a look on a server of its own. */
export function onBench(
  options: (kind: Kind) => Parameters<Column["open"]>[0],
  look: (bench: Bench, scale: Scale) => Promise<Seen>,
): Row["look"] {
  return async (column, scale) => {
    const bench = await column.open(options(column.kind));
    try {
      return await look(bench, scale);
    } finally {
      await bench.close();
    }
  };
}
