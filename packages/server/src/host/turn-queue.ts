import type { Frame } from "@bowline/protocol";
import { LastFew } from "../last-few.ts";

/**
 * How many leave before others get their turn: a write costs some 10 µs, so that a turn takes 10 ms and not, with 15 000
 * receivers of a broadcast, 150. Fewer would save nobody anything that can be noticed.
 */
const SLICE = 500;

const FRESH = 1;
const BEHIND = 2;

/** What has something to write. */
export interface Flushable {
  /** Where it waits, in bits, because who is behind may be fresh again. 0 to begin with, then the queue's own. */
  waits: number;
  /** MUST NOT throw. It may have nothing to write any more. */
  flush(): void;
}

/** When a turn is over: `setImmediate`, but for tests. */
export type Later = (end: (queue: TurnQueue) => void, queue: TurnQueue) => unknown;

/**
 * Flushes at the end of a turn of the event loop what wrote something in it (SPEC H8, H30). One per host.
 *
 * Not all of it at once, where it is much: what is more than a slice goes behind, and leaves a slice a turn, so that
 * between them the loop reads, and runs timers. Who wrote something since comes first, also if it was behind: an answer
 * does not wait until a broadcast that came before it has left for everybody.
 */
export class TurnQueue {
  readonly #slice: number;
  readonly #later: Later;
  #fresh: Flushable[] = [];
  /** Each at most once. */
  #behind: Flushable[] = [];
  #isDue = false;

  constructor(slice: number = SLICE, later: Later = setImmediate) {
    this.#slice = slice;
    this.#later = later;
  }

  /** May be called any number of times until its next flush. */
  add(one: Flushable): void {
    if (one.waits & FRESH) return;
    one.waits |= FRESH;
    this.#fresh.push(one);
    this.#schedule();
  }

  get isEmpty(): boolean {
    return this.#fresh.length + this.#behind.length === 0;
  }

  /** All of it, now. */
  flush(): void {
    while (!this.isEmpty) this.endTurn();
  }

  endTurn(): void {
    this.#isDue = false;
    const fresh = this.#fresh;
    this.#fresh = [];
    const now = Math.min(fresh.length, this.#slice);
    for (let index = now; index < fresh.length; index++) this.#fallBehind(fresh[index] as Flushable);
    const behind = this.#behind.length > 0 ? this.#behind.splice(0, this.#slice) : undefined;
    for (let index = 0; index < now; index++) leave(fresh[index] as Flushable, FRESH);
    if (!behind) return;
    for (const one of behind) leave(one, BEHIND);
    if (this.#behind.length > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#later(endTurn, this);
  }

  #fallBehind(one: Flushable): void {
    if (!(one.waits & BEHIND)) this.#behind.push(one);
    one.waits = BEHIND;
  }
}

function leave(one: Flushable, from: number): void {
  one.waits &= ~from;
  one.flush();
}

/** A function of its own, so that no closure is made per turn. */
function endTurn(queue: TurnQueue): void {
  queue.endTurn();
}

/**
 * What a host makes of the last few frames of a turn, once for all peers that are sent the same: a broadcast. Forgotten at
 * the turn's end, since nobody is sent the same frame in a later one.
 */
export class TurnFrames<Made> implements Flushable {
  waits = 0;
  readonly #turns: TurnQueue;
  readonly #make: (frame: Frame) => Made;
  readonly #made = new LastFew<Frame, Made>();

  constructor(turns: TurnQueue, make: (frame: Frame) => Made) {
    this.#turns = turns;
    this.#make = make;
  }

  of(frame: Frame): Made {
    return this.#made.get(frame) ?? this.#add(frame);
  }

  flush(): void {
    this.#made.clear();
  }

  #add(frame: Frame): Made {
    this.#turns.add(this);
    return this.#made.add(frame, this.#make(frame));
  }
}
