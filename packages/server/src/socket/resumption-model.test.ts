import { expect, test } from "vitest";
import { type ModelStatistics, ResumptionModel } from "../testing/resumption-model.ts";

const SEEDS = 1_500;
const STEPS = 150;

test(`[U4, U6, U7, U15, U16] ${SEEDS} stories of clients whose links break, delay and let late bytes through`, async () => {
  const all: ModelStatistics = { connects: 0, resumes: 0, gaps: 0, events: 0, lives: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      const run = await new ResumptionModel(seed).run(STEPS);
      for (const name of Object.keys(all) as (keyof ModelStatistics)[]) all[name] += run[name];
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
  }
  // oxlint-disable-next-line no-console -- the figures are worth seeing
  console.log(all);
  expect(Object.values(all).every((count) => count > SEEDS)).toBe(true);
}, 60_000);
