import type { Timer } from "@bowline/protocol/internal";
import type { VirtualClock } from "@bowline/protocol/testing";

/** One end of a virtual link. */
export interface PipeEnd<Item> {
  take(item: Item): void;
  /** It learns that the link broke. */
  lost(): void;
  /** What it said leaves again, all of it. */
  drained?(): void;
}

/** What is said of an item besides. */
export interface Load {
  readonly bytes: number;
  /** It left. */
  readonly left?: (() => void) | undefined;
}

const NO_LOAD: Load = { bytes: 0 };

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
  /** What does not leave, since the receiver does not read. */
  #stalled: { readonly item: Item; readonly load: Load }[] | undefined;
  #stalledBytes = 0;
  readonly #from: Pick<PipeEnd<unknown>, "drained">;

  constructor(
    clock: VirtualClock,
    delayMs: () => number,
    ends: { readonly from: Pick<PipeEnd<unknown>, "drained">; readonly to: PipeEnd<Item> },
  ) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#from = ends.from;
    this.#end = ends.to;
  }

  /** What was said and did not leave. */
  get bufferedAmount(): number {
    return this.#stalledBytes;
  }

  push(item: Item, load: Load = NO_LOAD): void {
    if (this.#state === "broken") return;
    if (this.#stalled) {
      this.#stalled.push({ item, load });
      this.#stalledBytes += load.bytes;
      return;
    }
    load.left?.();
    this.#dueAt = Math.max(this.#dueAt, this.#clock.now() + this.#delayMs());
    this.#underway.push({ item, dueAt: this.#dueAt });
    this.#wait();
  }

  /** The receiver reads nothing more, until `flow`: what is said from now on waits where it is said. */
  stall(): void {
    if (this.#state !== "broken") this.#stalled ??= [];
  }

  flow(): void {
    const stalled = this.#stalled;
    this.#stalled = undefined;
    this.#stalledBytes = 0;
    if (!stalled || this.#state === "broken") return;
    for (const { item, load } of stalled) this.push(item, load);
    if (stalled.length > 0) this.#from.drained?.();
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
    this.#stalled = undefined;
    this.#stalledBytes = 0;
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
