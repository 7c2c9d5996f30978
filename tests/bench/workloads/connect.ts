import type { Workload } from "./workload.ts";

const PARALLEL = 50;
/** In measurements of the usual length. */
const LENGTH = 1.5;

export const connect: Workload = {
  name: "connect",
  title: "a connection's whole life: handshake, CONNECT, DISCONNECT, close",
  async run(bench) {
    const { generator, results, scale } = bench;
    const entrants = [];
    for (const contestant of bench.contestants) {
      entrants.push({ contestant, server: await bench.start(contestant, "bare") });
    }
    await bench.inTurns(entrants, async ({ contestant, server: { port, pid } }, isWarmUp) => {
      const options = {
        port,
        pid,
        kind: contestant.client,
        parallel: PARALLEL,
        // By their number, not by time: node is at its usual speed after some thousands of them.
        ...(isWarmUp ? { seconds: 0, atLeast: scale.earlier } : { seconds: scale.seconds * LENGTH }),
      };
      const sample = await generator.one({ do: "connect", options });
      if (!isWarmUp) results.addSample({ id: "connect", label: "connect and close" }, contestant, sample);
    });
  },
};
