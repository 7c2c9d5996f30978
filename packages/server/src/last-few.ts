/** A message and three attachments. */
const MOST = 4;

/**
 * What was made of the last few things, so that it is made once for all who get the same. Who asks for the one that was
 * added last, as the receivers of a broadcast do one after the other, is answered without a search.
 */
export class LastFew<Thing, Made> {
  readonly #things: Thing[] = [];
  readonly #made: Made[] = [];
  #last = 0;

  get(thing: Thing): Made | undefined {
    const things = this.#things;
    if (things[this.#last] === thing) return this.#made[this.#last];
    // Not `indexOf`: where each is asked for once, as acks are, that was 4 % of an event with its ack.
    for (let index = 0; index < things.length; index++) if (things[index] === thing) return this.#made[index];
    return undefined;
  }

  add(thing: Thing, made: Made): Made {
    this.#last = (this.#last + 1) % MOST;
    this.#things[this.#last] = thing;
    this.#made[this.#last] = made;
    return made;
  }

  clear(): void {
    this.#things.length = 0;
    this.#made.length = 0;
    this.#last = 0;
  }
}
