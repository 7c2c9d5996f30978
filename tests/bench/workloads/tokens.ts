import type { Workload } from "./workload.ts";

const PER_SECOND = 50;
const START_SECONDS = 0.3;
/** Longer turns than others have, and fewer: a stream takes its time. */
const ROUNDS = 3;

export const tokens: Workload = {
  name: "tokens",
  title: `token streams, ${PER_SECOND} tokens/s each`,
  async run(bench) {
    const { generator, results, scale } = bench;
    const entrants = await bench.enterAll(bench.contestants, { count: scale.streams });
    const seconds = scale.seconds * 4;
    for (let round = 0; round < Math.min(ROUNDS, scale.rounds); round += 1) {
      for (const { contestant, crowd } of entrants) {
        const options = { perSecond: PER_SECOND, startSeconds: START_SECONDS, seconds };
        const sample = await generator.one({ do: "tokens", crowd, options });
        results.addSample({ id: "tokens", label: `a token, ${scale.streams} streams` }, contestant, sample);
        const { p50Ms, p99Ms } = sample.latency ?? { p50Ms: NaN, p99Ms: NaN };
        results.add({ id: "tokens.p50", label: "… its delay, p50", unit: "ms" }, contestant, p50Ms);
        results.add({ id: "tokens.p99", label: "… its delay, p99", unit: "ms" }, contestant, p99Ms);
      }
    }
  },
};
