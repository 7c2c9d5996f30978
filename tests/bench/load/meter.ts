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
  /** In which this process had something to do. */
  readonly loadMicroseconds: number;
  readonly latency?: Latency;
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

/** What all connections of this process have read so far, in pieces. */
export const arrivals = { count: 0 };

/**
 * Measures a stretch, in which this process never sleeps: who writes to a client that sleeps on the same machine pays for
 * waking it, half of what a delivery costs, now and then. Clients elsewhere are woken by others.
 */
export class Meter {
  readonly #pid: number;
  readonly #server: number;
  readonly #beganAt = sharedMicroseconds();
  #isRunning = true;
  #looked = performance.now();
  #seen = arrivals.count;
  /** How long there was nothing to read. */
  #idleMs = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#server = cpuMicroseconds(pid);
    setImmediate(this.#look);
  }

  readonly #look = (): void => {
    if (!this.#isRunning) return;
    const now = performance.now();
    if (arrivals.count === this.#seen) this.#idleMs += now - this.#looked;
    this.#seen = arrivals.count;
    this.#looked = now;
    setImmediate(this.#look);
  };

  /** Once, at the end. */
  read(operations: number): Sample {
    const serverMicroseconds = cpuMicroseconds(this.#pid) - this.#server;
    const microseconds = sharedMicroseconds() - this.#beganAt;
    this.#isRunning = false;
    return {
      operations,
      seconds: microseconds / 1e6,
      beganAt: this.#beganAt,
      serverMicroseconds,
      loadMicroseconds: microseconds - this.#idleMs * 1_000,
    };
  }
}
