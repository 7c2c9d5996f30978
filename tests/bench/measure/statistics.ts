/** Of numbers in ascending order: the one below or at which that share of them is. */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return NaN;
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[index] ?? NaN;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Half of what lies between the least and the greatest, as a share of the median. */
export function spread(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}

export interface Ratio {
  readonly value: number;
  readonly spread: number;
}

/**
 * Of two series measured in turns: the median of the ratios of each turn. What disturbs the machine for longer than a turn
 * disturbs both sides of a ratio.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio | undefined {
  const turns = Math.min(ours.length, theirs.length);
  if (turns === 0) return undefined;
  const ratios = Array.from({ length: turns }, (_, turn) => (ours[turn] ?? NaN) / (theirs[turn] ?? NaN));
  return { value: median(ratios), spread: spread(ratios) };
}
