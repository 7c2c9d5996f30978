/** Of numbers in ascending order: the one below or at which that share of them is. */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return NaN;
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[index] ?? NaN;
}

/** The same where numbers are few: what would lie there if the numbers were points on a line. */
function between(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

export function median(values: readonly number[]): number {
  return between(ascending(values), 0.5);
}

/**
 * How far values lie from each other: half of what lies between their quartiles, as a share of the median. The range would
 * say more of the one turn in which the machine did something else, and the more so the more turns there are.
 */
export function spread(values: readonly number[]): number {
  const sorted = ascending(values);
  return (between(sorted, 0.75) - between(sorted, 0.25)) / 2 / between(sorted, 0.5);
}

export interface Ratio {
  readonly value: number;
  readonly spread: number;
  /** Of any turn. */
  readonly least: number;
  readonly greatest: number;
}

/**
 * Of two series measured in turns: the median of the ratios of each turn. What disturbs the machine for longer than a turn
 * disturbs both sides of a ratio. No turn is left out.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio | undefined {
  const turns = Math.min(ours.length, theirs.length);
  if (turns === 0) return undefined;
  const ratios = Array.from({ length: turns }, (_, turn) => (ours[turn] ?? NaN) / (theirs[turn] ?? NaN));
  return {
    value: median(ratios),
    spread: spread(ratios),
    least: Math.min(...ratios),
    greatest: Math.max(...ratios),
  };
}
