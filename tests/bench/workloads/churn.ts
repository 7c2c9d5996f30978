import type { Bench } from "../bench.ts";
import type { Contestant } from "../contestants.ts";
import type { RunningServer } from "../measure/server.ts";
import type { Workload } from "./workload.ts";

const PARALLEL = 50;
/** Four times as many at once: V8's young generation, which grows with load and stays as it is, has then its size. */
const EARLIER = { times: 5, parallel: 200 };
/** Pages go back to the system a while after they are free. */
const LOOKS = 5;
const LOOK_EVERY_MS = 200;

/** How much larger something is than it was, in percent. */
function percentMore(after: number, before: number): number {
  return (after / before - 1) * 100;
}

/** The least of what is seen behind some collections. */
async function settled(server: RunningServer): Promise<Awaited<ReturnType<RunningServer["memory"]>>> {
  const seen = [await server.memory()];
  while (seen.length < LOOKS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    seen.push(await server.memory());
  }
  return seen.reduce((least, each) => (each.rssKb < least.rssKb ? each : least));
}

async function measure(bench: Bench, contestant: Contestant): Promise<void> {
  const { results, scale } = bench;
  const generator = await bench.anotherGenerator("any");
  const server = await bench.start(contestant, "bare");
  const { port, pid } = server;
  const comeAndGo = async (count: number, parallel: number): Promise<void> => {
    await generator.one({ do: "churn", options: { port, pid, count, parallel } });
  };
  await comeAndGo(EARLIER.times * scale.earlier, EARLIER.parallel);
  const before = await settled(server);
  await comeAndGo(scale.churned, PARALLEL);
  const after = await settled(server);
  const row = (id: string, label: string): Parameters<typeof results.add>[0] => ({
    id: `churn.${id}`,
    label: `${label}, of ${scale.churned} that came and went`,
    unit: "%",
  });
  results.add(row("rss", "more RSS"), contestant, percentMore(after.rssKb, before.rssKb));
  const old = after.rssKb - (after.youngKb - before.youngKb);
  results.add(row("rss.old", "… but for the young generation"), contestant, percentMore(old, before.rssKb));
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
