import type { Clock, Timer } from "@bowline/protocol/internal";

/** What has things in it that grow too old. Implemented by `Recovery`. */
export interface Swept {
  /** Drops what is too old; says whether anything is left that will be. */
  sweep(now: number): boolean;
}

const SWEEPS_PER_TIME = 8;
const MOST_SELDOM_MS = 15_000;

/** Sweeps all namespaces of a server with one timer, and none while there is nothing. */
export class RecoverySweep {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #swept = new Set<Swept>();
  #timer: Timer | undefined;

  constructor(clock: Clock, maxAwayMs: number) {
    this.#clock = clock;
    this.#everyMs = Math.min(MOST_SELDOM_MS, maxAwayMs / SWEEPS_PER_TIME);
  }

  /** Something in it will be too old one day. */
  add(swept: Swept): void {
    this.#swept.add(swept);
    this.#timer ??= this.#clock.setTimer(() => this.#sweep(), this.#everyMs);
  }

  remove(swept: Swept): void {
    this.#swept.delete(swept);
    if (this.#swept.size > 0 || this.#timer === undefined) return;
    this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const swept of this.#swept) if (!swept.sweep(now)) this.#swept.delete(swept);
    if (this.#swept.size > 0) this.#timer ??= this.#clock.setTimer(() => this.#sweep(), this.#everyMs);
  }
}
