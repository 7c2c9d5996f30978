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
    const last = this.#things[this.#last] === thing ? this.#last : this.#things.indexOf(thing);
    return this.#made[last];
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
