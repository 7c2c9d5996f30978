/** Somebody who waits, and what to do about it. */
interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What the clients of a crowd got, all together, and who waits for how much of it. */
export class Tally {
  events = 0;
  acks = 0;
  /** Payloads of events, with the name and the brackets. */
  bytes = 0;
  #wanted = Infinity;
  #waiting: Waiting | undefined;
  /** Why nothing more can be expected of somebody. */
  #lost: Error | undefined;

  event(bytes: number): void {
    this.events += 1;
    this.bytes += bytes;
    if (this.events === this.#wanted) this.done();
  }

  /** Settles when so many more events came. */
  next(count: number, limitMs: number): Promise<void> {
    this.#wanted = this.events + count;
    return this.wait(limitMs, () => `${this.#wanted - this.events} of ${count} events did not come`);
  }

  /** Settles with `done`; rejects when it takes too long, or somebody is lost. One waits at a time. */
  wait(limitMs: number, late: () => string): Promise<void> {
    if (this.#lost) return Promise.reject(this.#lost);
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${late()} in ${limitMs} ms`)), limitMs);
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
        this.#wanted = Infinity;
      };
      this.#waiting = {
        resolve: () => (end(), resolve()),
        reject: (error) => (end(), reject(error)),
      };
    });
  }

  done(): void {
    this.#waiting?.resolve();
  }

  /** A client is lost: what is waited for will not come. */
  fail(why: string): void {
    this.#lost ??= new Error(why);
    this.#waiting?.reject(this.#lost);
  }
}
