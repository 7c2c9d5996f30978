import type { Workload } from "./workload.ts";

const TRANSPORTS = [
  { transport: "polling", text: "long-polling" },
  { transport: "sse", text: "SSE" },
] as const;

const BYTES = 100;
/** In measurements: node's way through its HTTP is long, and slow until all of it is compiled. */
const WARM_UP = 5;

export const http: Workload = {
  name: "http",
  title: "messages without WebSocket",
  async run(bench) {
    const { generator, results } = bench;
    const { seconds, httpClients } = bench.scale;
    for (const { transport, text } of TRANSPORTS) {
      const able = bench.contestants.filter(({ lacks }) => !lacks.includes(transport));
      const entrants = await bench.enterAll(able, { count: httpClients, transport });
      await bench.inTurns(entrants, async ({ contestant, crowd }, isWarmUp) => {
        const options = { inFlight: 1, bytes: BYTES, seconds: isWarmUp ? seconds * WARM_UP : seconds };
        const sample = await generator.one({ do: "echo", crowd, options });
        const row = { id: `http.${transport}.echo`, label: `${text}: event + ack` };
        if (!isWarmUp) results.addSample(row, contestant, sample);
      });
      await bench.inTurns(entrants, async ({ contestant, crowd }, isWarmUp) => {
        const options = { shape: "broadcast", inFlight: 4, bytes: BYTES, isBinary: false, seconds } as const;
        const sample = await generator.one({ do: "fanOut", crowd, options });
        const row = { id: `http.${transport}.fan-out`, label: `${text}: namespace, 4 in flight` };
        if (!isWarmUp) results.addSample(row, contestant, sample);
      });
      for (const { crowd } of entrants) await generator.all({ do: "close", crowd });
      await bench.stopServers();
    }
  },
};
