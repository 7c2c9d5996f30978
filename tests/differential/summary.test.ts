import { expect, test } from "vitest";
import { appliesTo, DIFFERENCES } from "./differences.ts";
import { combinationsOf } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

test("[differential] every scenario has a name of its own, and there are many", () => {
  const combinations = SCENARIOS.flatMap(combinationsOf);
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  expect(SCENARIOS.length).toBeGreaterThanOrEqual(150);
  console.info(
    `differential: ${SCENARIOS.length} scenarios in ${combinations.length} combinations, ` +
      `${DIFFERENCES.length} differences listed`,
  );
});

test("[differential] every listed difference belongs to a scenario and a combination, and says why", () => {
  for (const difference of DIFFERENCES) {
    const scenario = SCENARIOS.find(({ name }) => name === difference.scenario);
    const combinations = scenario ? combinationsOf(scenario) : [];
    const wanted = combinations.some((combination) => appliesTo(difference, combination));
    expect(wanted, `an entry for nothing: "${difference.scenario}"`).toBe(true);
    expect(difference.lines).not.toEqual([]);
    expect(difference.why).not.toBe("");
  }
});
