import type { Entrant } from "../bench.ts";
import type { Contestant } from "../contestants.ts";
import type { Workload } from "./workload.ts";

const OPTIONS = { shape: "broadcast", inFlight: 4, bytes: 100, isBinary: false } as const;

export const growth: Workload = {
  name: "growth",
  title: "the same fan-out to more and more receivers, for each delivery, 4 in flight",
  async run(bench) {
    const { generator, results, scale } = bench;
    const measure = async (contestant: Contestant): Promise<void> => {
      const sizes: { readonly entrant: Entrant; readonly size: number }[] = [];
      for (const size of scale.growth) {
        sizes.push({ entrant: await bench.enter(contestant, { count: size }), size });
      }
      // The turns are those of the sizes: what is compared is a contestant with itself.
      await bench.inTurns(sizes, async ({ entrant: { crowd }, size }, isWarmUp) => {
        const options = { ...OPTIONS, seconds: scale.seconds * 2 };
        const sample = await generator.one({ do: "fanOut", crowd, options });
        const row = { id: `growth.${size}`, label: `to ${size}` };
        if (!isWarmUp) results.addSample(row, contestant, sample);
      });
      for (const { entrant } of sizes) await generator.all({ do: "close", crowd: entrant.crowd });
      await bench.stopServers();
    };
    for (const contestant of bench.contestants) await measure(contestant);
  },
};
