import type { Results } from "../results.ts";
import { judge } from "./aims.ts";
import { type Named, ratiosOf } from "./ratios.ts";
import { digits, markdown, percent } from "./table.ts";

/** By how much the ratios of two runs may differ. */
export const TOLERANCE = 0.15;

export interface Compared {
  readonly label: string;
  readonly one: Named["ratio"];
  readonly other: Named["ratio"];
  /** By which share the greater is more than the lesser. */
  readonly difference: number;
  readonly agrees: boolean;
}

export interface Comparison {
  readonly compared: readonly Compared[];
  /** Ratios that only one of them has. */
  readonly alone: readonly string[];
}

/** Every ratio that the tables of a run show, by its label. */
function allOf(results: Results): Map<string, Named["ratio"]> {
  const named = [...ratiosOf(results), ...judge(results)];
  return new Map(named.map(({ label, ratio }) => [label, ratio]));
}

export function compare(one: Results, other: Results): Comparison {
  const ours = allOf(one);
  const theirs = allOf(other);
  const compared: Compared[] = [];
  for (const [label, ratio] of ours) {
    const second = theirs.get(label);
    if (!second) continue;
    const [less = NaN, more = NaN] = [ratio.value, second.value].toSorted((a, b) => a - b);
    const difference = more / less - 1;
    compared.push({ label, one: ratio, other: second, difference, agrees: difference <= TOLERANCE });
  }
  const alone = [...ours.keys(), ...theirs.keys()].filter((label) => !ours.has(label) || !theirs.has(label));
  return { compared, alone };
}

/** Whether two runs say the same; of runs that have nothing in common nobody knows. */
export function agree({ compared, alone }: Comparison): boolean {
  return compared.length > 0 && alone.length === 0 && compared.every(({ agrees }) => agrees);
}

export function comparisonText(comparison: Comparison): string {
  const { compared, alone } = comparison;
  const cell = ({ value, spread }: Named["ratio"]): string => `${digits(value)} ${percent(spread)}`;
  const lines = compared.map(({ label, one, other, difference, agrees }) => [
    label,
    cell(one),
    cell(other),
    `${(difference * 100).toFixed(1)} %`,
    agrees ? "yes" : "NO",
  ]);
  const apart = compared.filter(({ agrees }) => !agrees);
  const limit = TOLERANCE * 100;
  return [
    markdown(["ratio", "one", "other", "difference", `within ${limit} %`], lines),
    ...alone.map((label) => `in one of them only: ${label}`),
    `${compared.length - apart.length} of ${compared.length} ratios agree within ${limit} %.`,
    ...apart.map((each) => `apart: ${each.label}: ${cell(each.one)} and ${cell(each.other)}`),
  ].join("\n\n");
}
