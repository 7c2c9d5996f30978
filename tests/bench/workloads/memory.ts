import type { Bench } from "../bench.ts";
import type { Contestant } from "../contestants.ts";
import type { Sample } from "../load/meter.ts";
import type { Workload } from "./workload.ts";

async function measure(bench: Bench, contestant: Contestant): Promise<void> {
  const { results, scale } = bench;
  // Its generator is its own, since that ends with all its connections at once.
  const generator = await bench.anotherGenerator();
  const count = scale.idleConnections;
  const server = await bench.start(contestant, "bare");
  const { port, pid } = server;
  const warmUp = async (atLeast: number): Promise<void> => {
    const options = { port, pid, kind: contestant.client, parallel: 50, seconds: 0, atLeast };
    await generator.one({ do: "connect", options });
  };
  await warmUp(scale.earlier);
  const before = await server.memory();
  await warmUp(scale.earlier / 3); // a collection throws compiled code away
  const { steps } = await bench.connect(contestant, server, { count, generator });
  const after = await server.memory();
  const row = { id: "memory", label: `idle connection, of ${count}`, unit: "KB" } as const;
  results.add(row, contestant, (after.rssKb - before.rssKb) / count);
  const pss = { id: "memory.pss", label: "… as PSS", unit: "KB" } as const;
  results.add(pss, contestant, (after.pssKb - before.pssKb) / count);
  addGrowth(bench, contestant, steps);
  await bench.stopServers();
}

/** Of how many steps at either end the cost is compared. */
const ENDS = 5;

/** What the first of many connections cost, and the last. */
function addGrowth({ results }: Bench, contestant: Contestant, steps: readonly Sample[]): void {
  if (steps.length < 2 * ENDS) return;
  const early = { id: "opening.early", label: `opening one, of the first ${ENDS} 000` };
  const late = { id: "opening.late", label: `opening one, of the last ${ENDS} 000` };
  for (const step of steps.slice(0, ENDS)) results.addSample(early, contestant, step);
  for (const step of steps.slice(-ENDS)) results.addSample(late, contestant, step);
}

export const memory: Workload = {
  name: "memory",
  title: "memory of idle connections, in RSS behind a collection of garbage, and what opening them costs",
  async run(bench) {
    // One after another: once is enough, since nothing that others do on the machine changes it.
    for (const contestant of bench.contestants) await measure(bench, contestant);
  },
};
