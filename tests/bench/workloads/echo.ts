import type { Workload } from "./workload.ts";

const IN_FLIGHT = 4;
const BYTES = 100;
/** In measurements of the usual length. */
const LENGTH = 1.5;
const WARM_UP = 3;

export const echo: Workload = {
  name: "echo",
  title: "event + ack, 4 in flight for each client, 100 B",
  async run(bench) {
    const { generator, results, scale } = bench;
    const entrants = await bench.enterAll(bench.contestants, { count: scale.echoClients });
    await bench.inTurns(entrants, async ({ contestant, crowd }, isWarmUp) => {
      const seconds = scale.seconds * (isWarmUp ? WARM_UP : LENGTH);
      const options = { inFlight: IN_FLIGHT, bytes: BYTES, seconds };
      const sample = await generator.one({ do: "echo", crowd, options });
      const row = { id: "echo", label: `event + ack, ${scale.echoClients} clients` };
      if (!isWarmUp) results.addSample(row, contestant, sample);
    });
  },
};
