import type { Entrant } from "../bench.ts";
import type { Workload } from "./workload.ts";

const CLIENTS = 10;

export const rooms: Workload = {
  name: "rooms",
  title: "sockets that are in many rooms: join, leave, and an event to one of them",
  async run(bench) {
    const { generator, results, scale } = bench;
    const able = bench.contestants.filter(
      ({ lacks, client }) => !lacks.includes("rooms") && client === "stock",
    );
    const entrants: (Entrant & { readonly count: number })[] = [];
    for (const contestant of able) {
      const server = await bench.start(contestant);
      for (const count of scale.rooms) {
        const { crowd } = await bench.connect(contestant, server, { count: CLIENTS });
        await generator.all({ do: "joinMany", crowd, rooms: count });
        entrants.push({ contestant, server, generator, crowd, count });
      }
    }
    await bench.inTurns(entrants, async ({ contestant, crowd, count }, isWarmUp) => {
      const { seconds } = scale;
      const changed = await generator.one({ do: "joinAndLeave", crowd, seconds });
      const emitted = await generator.one({ do: "emitToOne", crowd, seconds });
      if (isWarmUp) return;
      const join = { id: `rooms.join.${count}`, label: `join or leave, in ${count}` };
      const emit = { id: `rooms.emit.${count}`, label: `event to one of ${count}` };
      results.addSample(join, contestant, changed);
      results.addSample(emit, contestant, emitted);
    });
  },
};
