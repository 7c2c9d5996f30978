import { describe, expect, test } from "vitest";
import { Results, type Unit } from "../results.ts";
import { WORKLOADS } from "../workloads/workloads.ts";
import { judgeLimits } from "./limits.ts";

function resultsOf(values: readonly (readonly [row: string, contestant: string, value: number])[]): Results {
  const results = new Results();
  for (const [id, name, value] of values)
    results.add({ id, label: id, unit: "" satisfies Unit }, { name }, value);
  return results;
}

/** What is judged, and whether it holds. */
function verdicts(results: Results): [string, boolean][] {
  return judgeLimits(results).map(({ label, isMet }) => [label, isMet]);
}

describe("a limit", () => {
  test("is not judged where nothing was measured", () => expect(judgeLimits(new Results())).toEqual([]));

  test.each([
    ["memory", "bowline-uws", 4.5, 4.51],
    ["memory", "bowline-uws+own", 5.17, 5.18],
    ["memory", "bowline-node", 9, 9.01],
    ["memory", "bowline-node+own", 10.34, 10.36],
    ["churn.rss", "bowline-uws", 5, 5.1],
    ["churn.rss", "bowline-node", -20, 5.1],
    ["churn.heap", "bowline-node", 5, 5.1],
    ["loop-delay.p99", "bowline-uws", 50, 51],
    ["loop-delay.p99", "bowline-node", 50, 51],
    ["loop-delay.ack.p99", "bowline-node", 50, 51],
  ])("of %s holds for %s at %d, and not at %d", (row, contestant, good, bad) => {
    expect(judgeLimits(resultsOf([[row, contestant, good]])).map(({ isMet }) => isMet)).toEqual([true]);
    expect(judgeLimits(resultsOf([[row, contestant, bad]])).map(({ isMet }) => isMet)).toEqual([false]);
  });

  test("is for the median of what was measured", () => {
    const results = resultsOf([4, 9, 4.2].map((value) => ["memory", "bowline-uws", value]));
    expect(judgeLimits(results)).toMatchObject([{ value: 4.2, isMet: true }]);
  });
});

describe("the first event", () => {
  const stock = ["first-event.150", "socketio-ws", 1_500] as const;

  test("must come one round trip before Socket.IO's", () => {
    const results = resultsOf([
      stock,
      ["first-event.150", "bowline-uws+own", 1_200],
      ["first-event.150", "bowline-node+own", 1_201],
    ]);
    expect(judgeLimits(results).map(({ value, isMet }) => [value, isMet])).toEqual([
      [1, true],
      [expect.closeTo(0.997), false],
    ]);
  });

  test("is judged where both are there", () => expect(judgeLimits(resultsOf([stock]))).toEqual([]));
});

describe("how long all of it takes", () => {
  const ran = (seconds: number, workloads = WORKLOADS): Results => {
    const results = new Results();
    results.took.push(
      ...workloads.map(({ name }) => ({ workload: name, seconds: seconds / workloads.length })),
    );
    return results;
  };

  test("is at most ten minutes", () => {
    expect(verdicts(ran(599))).toEqual([["all of this", true]]);
    expect(verdicts(ran(601))).toEqual([["all of this", false]]);
  });

  test("is not judged of a part", () => expect(verdicts(ran(601, WORKLOADS.slice(1)))).toEqual([]));
});
