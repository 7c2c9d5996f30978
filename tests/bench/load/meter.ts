import { cpuMicroseconds } from "../measure/proc.ts";

/** What a measured stretch cost, and whom. */
export interface Sample {
  readonly operations: number;
  readonly seconds: number;
  /** Of the server's CPU, as the system counts it. */
  readonly serverMicroseconds: number;
  /** Of this process. */
  readonly loadMicroseconds: number;
  readonly latency?: Latency;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export class Meter {
  readonly #pid: number;
  readonly #server: number;
  readonly #load = process.cpuUsage();
  readonly #began = performance.now();

  constructor(pid: number) {
    this.#pid = pid;
    this.#server = cpuMicroseconds(pid);
  }

  read(operations: number): Sample {
    const serverMicroseconds = cpuMicroseconds(this.#pid) - this.#server;
    const { user, system } = process.cpuUsage(this.#load);
    return {
      operations,
      seconds: (performance.now() - this.#began) / 1_000,
      serverMicroseconds,
      loadMicroseconds: user + system,
    };
  }
}
