import type { Bench } from "../bench.ts";
import type { Contestant } from "../contestants.ts";
import type { Sample } from "../load/meter.ts";
import { median } from "../measure/statistics.ts";
import type { Workload } from "./workload.ts";

/** Come and gone before anything is measured: code is compiled, and memory has its usual size. */
const EARLIER = 1_000;

async function measure(bench: Bench, contestant: Contestant): Promise<void> {
  const { generator, results, scale } = bench;
  const count = scale.idleConnections;
  const server = await bench.start(contestant, "bare");
  const earlier = await bench.connect(contestant, server, { count: Math.min(EARLIER, count) });
  await generator.all({ do: "close", crowd: earlier.crowd });
  const before = await server.memory();
  const { steps } = await bench.connect(contestant, server, { count });
  const after = await server.memory();
  const row = { id: "memory", label: `idle connection, of ${count}`, unit: "KB" } as const;
  results.add(row, contestant, (after.rssKb - before.rssKb) / count);
  const pss = { id: "memory.pss", label: "… as PSS", unit: "KB" } as const;
  results.add(pss, contestant, (after.pssKb - before.pssKb) / count);
  addGrowth(bench, contestant, steps);
  await bench.stopServers();
}

/** What the first of many connections cost, and the last. */
function addGrowth({ results }: Bench, contestant: Contestant, steps: readonly Sample[]): void {
  if (steps.length < 6) return;
  const cost = (some: readonly Sample[]): number =>
    median(some.map(({ serverMicroseconds, operations }) => serverMicroseconds / operations));
  const early = { id: "opening.early", label: "opening one, of the first 3 000", unit: "µs" } as const;
  const late = { id: "opening.late", label: "opening one, of the last 3 000", unit: "µs" } as const;
  results.add(early, contestant, cost(steps.slice(0, 3)));
  results.add(late, contestant, cost(steps.slice(-3)));
}

export const memory: Workload = {
  name: "memory",
  title: "memory of idle connections, in RSS behind a collection of garbage",
  async run(bench) {
    // One after another: once is enough, since nothing that others do on the machine changes it.
    for (const contestant of bench.contestants) await measure(bench, contestant);
  },
};
