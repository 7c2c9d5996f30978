import type { Clock, Timer } from "@bowline/protocol/internal";

/** Things that must happen within the same time each, watched with one timer for all of them. */
export class Deadlines<Item> {
  readonly #clock: Clock;
  readonly delayMs: number;
  readonly #expired: (item: Item) => void;
  /** In the order added, so the first is due first. */
  readonly #dueAt = new Map<Item, number>();
  #timer: Timer | undefined;

  constructor(clock: Clock, delayMs: number, expired: (item: Item) => void) {
    this.#clock = clock;
    this.delayMs = delayMs;
    this.#expired = expired;
  }

  add(item: Item): void {
    this.#dueAt.set(item, this.#clock.now() + this.delayMs);
    this.#timer ??= this.#clock.setTimer(() => this.#sweep(), this.delayMs);
  }

  remove(item: Item): void {
    if (!this.#dueAt.delete(item) || this.#dueAt.size > 0 || this.#timer === undefined) return;
    this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const [item, dueAt] of this.#dueAt) {
      if (dueAt > now) {
        this.#timer = this.#clock.setTimer(() => this.#sweep(), dueAt - now);
        return;
      }
      this.#dueAt.delete(item);
      this.#expired(item);
    }
  }
}
