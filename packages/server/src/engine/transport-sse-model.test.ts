import { expect, test } from "vitest";
import { SseModel } from "../testing/sse-model.ts";

const SEEDS = 2_000;
const STEPS = 150;

test("[V4, V6, V7, V9, V12] on a network that does everything wrong a session is exact in both directions, or ends", async () => {
  const counts = { rotations: 0, repeats: 0, upgrades: 0, losses: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const model = new SseModel(seed);
    await model.run(STEPS).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    });
    for (const name of ["rotations", "repeats", "upgrades", "losses"] as const) counts[name] += model[name];
  }
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(SEEDS / 10);
}, 60_000);
