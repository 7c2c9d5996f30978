import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Results } from "../results.ts";
import { agree, compare, comparisonText } from "./compare.ts";

const ROW = { id: "connect", label: "connect and close", unit: "µs" } as const;

/** Of a run in which the floor took 10 µs, and we took so many in each turn. */
function runOf(...ours: readonly number[]): Results {
  const results = new Results();
  for (const value of ours) {
    results.add(ROW, { name: "floor-uws" }, 10);
    results.add(ROW, { name: "bowline-uws" }, value);
  }
  return results;
}

test("ratios that differ by no more than 15 % agree, whichever is the greater", () => {
  for (const [one, other] of [
    [20, 22.9],
    [22.9, 20],
  ] as const) {
    const comparison = compare(runOf(one), runOf(other));
    expect(comparison.compared.map(({ label }) => label)).toEqual([
      "connect and close: bowline-uws",
      "connect and close ÷ floor-uws",
    ]);
    for (const { difference } of comparison.compared) expect(difference).toBeCloseTo(0.145);
    expect(agree(comparison)).toBe(true);
  }
});

test("one that differs by more is enough for runs not to agree", () => {
  const comparison = compare(runOf(20), runOf(23.1));
  expect(agree(comparison)).toBe(false);
  expect(comparisonText(comparison)).toContain("0 of 2 ratios agree within 15 %.");
  expect(comparisonText(comparison)).toContain("apart: connect and close ÷ floor-uws: 2.00 ±0 and 2.31 ±0");
  expect(comparisonText(comparison)).toMatch(
    /connect and close: bowline-uws +\| 2\.00 ±0 \| 2\.31 ±0 \| +15\.5 % \| +NO/,
  );
});

test("a machine that is twice as slow in all of a run changes no ratio", () => {
  const slow = new Results();
  slow.add(ROW, { name: "floor-uws" }, 20);
  slow.add(ROW, { name: "bowline-uws" }, 40);
  expect(compare(runOf(20), slow).compared.map(({ difference }) => difference)).toEqual([0, 0]);
});

test("what only one run measured keeps them from agreeing, and is named", () => {
  const more = runOf(20);
  more.add({ id: "echo", label: "event", unit: "µs" }, { name: "floor-ws" }, 1);
  more.add({ id: "echo", label: "event", unit: "µs" }, { name: "bowline-node" }, 1);
  const comparison = compare(runOf(20), more);
  expect(comparison.alone).toEqual(["event: bowline-node", "event + ack ÷ floor-ws"]);
  expect(agree(comparison)).toBe(false);
  expect(comparisonText(comparison)).toContain("in one of them only: event: bowline-node");
});

test("runs that have no ratio in common do not agree", () => {
  expect(agree(compare(new Results(), new Results()))).toBe(false);
});

test("delays are no ratios to compare", () => {
  const results = new Results();
  results.add({ id: "tokens.p99", label: "delay", unit: "ms" }, { name: "floor-ws" }, 1);
  results.add({ id: "tokens.p99", label: "delay", unit: "ms" }, { name: "bowline-node" }, 9);
  expect(compare(results, results).compared).toEqual([]);
});

test("a run that was saved is read as it was", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "run.json");
  const results = runOf(20, 21);
  results.took.push({ workload: "connect", seconds: 3 });
  results.save(file, "a machine");
  expect(Results.read(file)).toEqual(results);
});
