import type { Contestant } from "../contestants.ts";
import type { Workload } from "./workload.ts";

const CLIENTS = 10;

export const rooms: Workload = {
  name: "rooms",
  title: "sockets that are in many rooms: join, leave, and an event to one of them",
  async run(bench) {
    const { generator, results, scale } = bench;
    const able = bench.contestants.filter(({ lacks }) => !lacks.includes("rooms"));
    const measure = async (contestant: Contestant): Promise<void> => {
      const server = await bench.start(contestant);
      const sizes: { readonly crowd: string; readonly count: number }[] = [];
      for (const count of scale.rooms) {
        const { crowd } = await bench.connect(contestant, server, { count: CLIENTS });
        await generator.all({ do: "joinMany", crowd, rooms: count });
        sizes.push({ crowd, count });
      }
      await bench.inTurns(sizes, async ({ crowd, count }, isWarmUp) => {
        const { seconds } = scale;
        const changed = await generator.one({ do: "joinAndLeave", crowd, seconds });
        const emitted = await generator.one({ do: "emitToOne", crowd, seconds });
        if (isWarmUp) return;
        results.addSample(
          { id: `rooms.join.${count}`, label: `join or leave, in ${count}` },
          contestant,
          changed,
        );
        results.addSample(
          { id: `rooms.emit.${count}`, label: `event to one of ${count}` },
          contestant,
          emitted,
        );
      });
      for (const { crowd } of sizes) await generator.all({ do: "close", crowd });
      await bench.stopServers();
    };
    for (const contestant of able) await measure(contestant);
  },
};
