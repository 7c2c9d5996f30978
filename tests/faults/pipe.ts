import type { Timer } from "@bowline/protocol/internal";
import type { VirtualClock } from "@bowline/protocol/testing";

/** One end of a virtual link. */
export interface PipeEnd<Item> {
  take(item: Item): void;
  /** It learns that the link broke. */
  lost(): void;
}

/** One direction of a virtual link: what goes in comes out later, in order, or not at all. */
export class Pipe<Item> {
  readonly #clock: VirtualClock;
  readonly #delayMs: () => number;
  readonly #end: PipeEnd<Item>;
  /** `frozen` keeps all; `broken` drops all. */
  #state: "open" | "frozen" | "broken" = "open";
  #underway: { readonly item: Item; readonly dueAt: number }[] = [];
  #dueAt = 0;
  /** For the first that is under way. */
  #timer: Timer | undefined;

  constructor(clock: VirtualClock, delayMs: () => number, end: PipeEnd<Item>) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#end = end;
  }

  push(item: Item): void {
    if (this.#state === "broken") return;
    this.#dueAt = Math.max(this.#dueAt, this.#clock.now() + this.#delayMs());
    this.#underway.push({ item, dueAt: this.#dueAt });
    this.#wait();
  }

  get isFrozen(): boolean {
    return this.#state === "frozen";
  }

  /** Nothing arrives any more, what is under way neither. */
  freeze(): void {
    if (this.#state !== "open") return;
    this.#state = "frozen";
    this.#stopWaiting();
  }

  /** What was kept arrives, and it goes on. */
  heal(): void {
    if (this.#state !== "frozen") return;
    this.#state = "open";
    this.#wait();
  }

  /** What is under way is lost; whether the end learns of it, is the question. */
  break(isTold: boolean): void {
    if (this.#state === "broken") return;
    this.#state = "broken";
    this.#underway = [];
    this.#stopWaiting();
    if (isTold) this.#clock.setTimer(() => this.#end.lost(), this.#delayMs());
  }

  #wait(): void {
    const [first] = this.#underway;
    if (!first || this.#timer !== undefined || this.#state !== "open") return;
    this.#timer = this.#clock.setTimer(() => this.#arrive(), first.dueAt - this.#clock.now());
  }

  #arrive(): void {
    this.#timer = undefined;
    const first = this.#underway.shift();
    // The next one first: what takes this one may freeze or break the pipe.
    this.#wait();
    if (first) this.#end.take(first.item);
  }

  #stopWaiting(): void {
    this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}
