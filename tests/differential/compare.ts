import { afterAll, describe, expect, test } from "vitest";
import { within } from "../interop/wait.ts";
import { uwsMissing } from "../uws-app.ts";
import { appliesTo, DIFFERENCES } from "./differences.ts";
import { differencesOf, type Observations } from "./journal.ts";
import { baselineOf, combinationsOf, nameOf, type Scenario } from "./scenario.ts";
import { type Combination, World } from "./world.ts";

const SCENARIO_MS = 7_000;

export async function observe(scenario: Scenario, combination: Combination): Promise<Observations> {
  const world = new World(combination);
  try {
    await within(scenario.run(world), () => `the scenario hangs; seen:\n${world.text()}`, SCENARIO_MS);
    return world.observations();
  } catch (error) {
    for (const reported of world.errors) console.error("reported by the server:", reported);
    throw error;
  } finally {
    await within(world.close(), () => "the scenario does not end", SCENARIO_MS);
  }
}

/** Makes the tests of these scenarios, in those of their combinations that are wanted. */
export function compare(
  scenarios: readonly Scenario[],
  isWanted: (combination: Combination) => boolean,
): void {
  const baselines = new Map<string, Promise<Observations>>();
  const baseline = (scenario: Scenario, combination: Combination): Promise<Observations> => {
    const key = `${combination.transport} ${scenario.name}`;
    const known = baselines.get(key) ?? observe(scenario, baselineOf(combination));
    baselines.set(key, known);
    return known;
  };
  afterAll(() => baselines.clear());
  describe.concurrent("equal or listed", () => {
    for (const scenario of scenarios) {
      for (const combination of combinationsOf(scenario).filter(isWanted)) {
        const missing = combination.server === "uws" && uwsMissing !== undefined;
        test.skipIf(missing)(
          `[differential] ${scenario.name}: ${nameOf(scenario, combination)}`,
          async () => {
            const stock = await baseline(scenario, combination);
            const found = differencesOf(stock, withoutOffer(await observe(scenario, combination)));
            expect(found.toSorted()).toEqual(listed(scenario, combination).toSorted());
          },
        );
      }
    }
  });
}

/** The one thing that every open packet of ours has beside the stock server's (SPEC U1); its clients take no notice of it. */
const OFFER = /,\\?"ext\\?":\{\\?"rs\\?":1\}/g;

function withoutOffer(observations: Observations): Observations {
  return new Map(
    [...observations].map(([track, lines]) => [track, lines.map((line) => line.replace(OFFER, ""))]),
  );
}

function listed({ name }: Scenario, combination: Combination): string[] {
  return DIFFERENCES.filter(
    (difference) => difference.scenario === name && appliesTo(difference, combination),
  ).flatMap(({ lines }) => lines);
}
