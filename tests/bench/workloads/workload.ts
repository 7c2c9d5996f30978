import type { Bench } from "../bench.ts";

/** One section of the table. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  run(bench: Bench): Promise<void>;
}
