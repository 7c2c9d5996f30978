import { cpuMicroseconds } from "../measure/proc.ts";
import { sharedMicroseconds } from "../targets/clock.ts";

/** What a measured stretch cost, and whom. */
export interface Sample {
  readonly operations: number;
  readonly seconds: number;
  /** In microseconds of the clock that all processes share. */
  readonly beganAt: number;
  /** Of the server's CPU, as the system counts it. */
  readonly serverMicroseconds: number;
  /** Of this process. */
  readonly loadMicroseconds: number;
  readonly latency?: Latency;
  /** Of each operation, where they are wanted one by one. */
  readonly timed?: readonly Timed[];
}

/** Something that was due at a time of the shared clock, and how long it took, in microseconds. */
export interface Timed {
  readonly dueAt: number;
  readonly took: number;
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
  readonly #beganAt = sharedMicroseconds();

  constructor(pid: number) {
    this.#pid = pid;
    this.#server = cpuMicroseconds(pid);
  }

  read(operations: number): Sample {
    const serverMicroseconds = cpuMicroseconds(this.#pid) - this.#server;
    const { user, system } = process.cpuUsage(this.#load);
    return {
      operations,
      seconds: (sharedMicroseconds() - this.#beganAt) / 1e6,
      beganAt: this.#beganAt,
      serverMicroseconds,
      loadMicroseconds: user + system,
    };
  }
}
