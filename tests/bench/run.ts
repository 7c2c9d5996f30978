import { Bench } from "./bench.ts";
import type { Contestant } from "./contestants.ts";
import { Results } from "./results.ts";
import type { Scale } from "./scale.ts";
import type { Workload } from "./workloads/workload.ts";

export interface RunOptions {
  readonly workloads: readonly Workload[];
  readonly contestants: readonly Contestant[];
  readonly scale: Scale;
  readonly log: (text: string) => void;
}

/** One workload after another, each with a generator of its own. */
export async function run({ workloads, contestants, scale, log }: RunOptions): Promise<Results> {
  const results = new Results();
  for (const workload of workloads) {
    const began = performance.now();
    results.section = workload.title;
    const bench = await Bench.open({ contestants, scale, results });
    try {
      await workload.run(bench);
    } finally {
      await bench.close();
    }
    const seconds = (performance.now() - began) / 1_000;
    results.took.push({ workload: workload.name, seconds });
    log(`${workload.title}: ${seconds.toFixed(1)} s`);
  }
  return results;
}
