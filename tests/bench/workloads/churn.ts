import type { Bench } from "../bench.ts";
import type { Contestant } from "../contestants.ts";
import type { Workload } from "./workload.ts";

const PARALLEL = 50;
const EARLIER_TIMES = 4;

/** How much larger something is than it was, in percent. */
function percentMore(after: number, before: number): number {
  return (after / before - 1) * 100;
}

async function measure(bench: Bench, contestant: Contestant): Promise<void> {
  const { results, scale } = bench;
  const generator = await bench.anotherGenerator("any");
  const server = await bench.start(contestant, "bare");
  const { port, pid } = server;
  const comeAndGo = async (count: number): Promise<void> => {
    await generator.one({ do: "churn", options: { port, pid, count, parallel: PARALLEL } });
  };
  await comeAndGo(EARLIER_TIMES * scale.earlier);
  const before = await server.memory();
  await comeAndGo(scale.churned);
  const after = await server.memory();
  const row = (id: string, label: string): Parameters<typeof results.add>[0] => ({
    id: `churn.${id}`,
    label: `${label}, of ${scale.churned} that came and went`,
    unit: "%",
  });
  results.add(row("rss", "more RSS"), contestant, percentMore(after.rssKb, before.rssKb));
  results.add(row("heap", "more heap"), contestant, percentMore(after.heapKb, before.heapKb));
}

export const churn: Workload = {
  name: "churn",
  title: "memory behind many connections, of both kinds of clients, that came and went",
  async run(bench) {
    // At the same time, since it is memory that is measured; each with a generator of its own.
    const bowlines = bench.contestants.filter(
      ({ target, client }) => client === "stock" && target.startsWith("bowline"),
    );
    await Promise.all(bowlines.map((contestant) => measure(bench, contestant)));
  },
};
