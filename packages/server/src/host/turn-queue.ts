/** What has something to write. */
export interface Flushable {
  /** MUST NOT throw. */
  flush(): void;
}

/** Flushes at the end of a turn of the event loop what wrote something in it. One per host. */
export class TurnQueue {
  #waiting: Flushable[] = [];

  /** Called once until its next flush. */
  add(one: Flushable): void {
    if (this.#waiting.push(one) === 1) setImmediate(flushAll, this);
  }

  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.flush();
  }
}

/** A function of its own, so that no closure is made per turn. */
function flushAll(queue: TurnQueue): void {
  queue.flush();
}
