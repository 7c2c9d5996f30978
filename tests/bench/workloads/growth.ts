import type { Entrant } from "../bench.ts";
import { HOSTS } from "../contestants.ts";
import type { Workload } from "./workload.ts";

const OPTIONS = { shape: "broadcast", inFlight: 4, bytes: 100, isBinary: false } as const;

export const growth: Workload = {
  name: "growth",
  title: "the same fan-out to more and more receivers, for each delivery, 4 in flight",
  async run(bench) {
    const { results, scale } = bench;
    for (const host of HOSTS) {
      const entrants: { readonly entrant: Entrant; readonly size: number }[] = [];
      for (const contestant of bench.contestants) {
        if (contestant.host !== host || contestant.client !== "stock") continue;
        // A process may not have as many connections open as they have together.
        const generator = await bench.anotherGenerator();
        for (const size of scale.growth) {
          entrants.push({ entrant: await bench.enter(contestant, { count: size, generator }), size });
        }
      }
      // In turns over the sizes and over the contestants: each is compared with itself, and with the floor, which grows too.
      await bench.inTurns(entrants, async ({ entrant: { contestant, generator, crowd }, size }, isWarmUp) => {
        const options = { ...OPTIONS, seconds: scale.seconds };
        const sample = await generator.one({ do: "fanOut", crowd, options });
        const row = { id: `growth.${size}`, label: `to ${size}` };
        if (!isWarmUp) results.addSample(row, contestant, sample);
      });
      await bench.stopServers();
    }
  },
};
