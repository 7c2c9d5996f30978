import type { Clock } from "@bowline/protocol/internal";
import { Deadlines } from "./deadlines.ts";
import type { ResumptionSettings } from "./resumption-options.ts";

/** A socket's resumption, as all of them together see it. Implemented by `Resumption`. */
export interface Pooled {
  /** @internal Its client did not come in time, or others need its place. */
  _expire(): void;
  /** @internal What is kept for it goes. */
  _shed(): void;
  /** @internal Says how many events came. */
  _tellCount(): void;
}

/** After the first event that is not confirmed. SPEC U9. */
const LATE_ACK_MS = 1_000;

/** What the resumptions of a server have in common: their bounds, and one timer for each kind of waiting. */
export class ResumptionPool {
  readonly settings: ResumptionSettings;
  readonly #windows: Deadlines<Pooled>;
  readonly #acks: Deadlines<Pooled>;
  /** In the order in which they were suspended. */
  readonly #suspended = new Set<Pooled>();
  #bytes = 0;
  /** Nothing is kept for those. */
  #isBare = false;

  constructor(settings: ResumptionSettings, clock: Clock) {
    this.settings = settings;
    this.#windows = new Deadlines(clock, settings.windowMs, (one) => one._expire());
    this.#acks = new Deadlines(clock, LATE_ACK_MS, (one) => one._tellCount());
  }

  /** What is kept for all, accounted as the ring does. */
  get bytes(): number {
    return this.#bytes;
  }

  get suspended(): number {
    return this.#suspended.size;
  }

  grew(byBytes: number): void {
    this.#bytes += byBytes;
  }

  /** Whether more is kept than may be. */
  get isFull(): boolean {
    return this.#bytes > this.settings.maxTotalBytes;
  }

  /** Something is kept for one that waits for its client. */
  keeps(): void {
    this.#isBare = false;
  }

  /** Those that wait longest for their clients lose what is kept for them. Gives by how much it is too much even so. */
  relieve(): number {
    // Who is full of what was sent to others comes here with every event.
    if (!this.#isBare) {
      for (const one of this.#suspended) {
        if (!this.isFull) break;
        one._shed();
      }
      this.#isBare = this.isFull;
    }
    return this.#bytes - this.settings.maxTotalBytes;
  }

  /** Waits for its client from now on. The one that waits longest may end for it. */
  wait(one: Pooled): void {
    this.#isBare = false;
    this.#suspended.add(one);
    this.#windows.add(one);
    for (const oldest of this.#suspended) {
      if (this.#suspended.size <= this.settings.maxSuspended) break;
      oldest._expire();
    }
  }

  /** Waits no more. */
  leave(one: Pooled): void {
    if (this.#suspended.delete(one)) this.#windows.remove(one);
  }

  /** Owes its client a count. */
  owe(one: Pooled): void {
    this.#acks.add(one);
  }

  owesNot(one: Pooled): void {
    this.#acks.remove(one);
  }
}
