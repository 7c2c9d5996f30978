/** A count is told at the latest after so many. SPEC U9. */
const COUNTS_PER_ACK = 64;

/** The counted events of one client: how many came, and up to which it was told so. */
export class Uplink {
  #received = 0;
  #told = 0;

  get received(): number {
    return this.#received;
  }

  /** One more came. Whether to tell it: `later` for the first that is to be told. */
  count(): "now" | "later" | undefined {
    const untold = ++this.#received - this.#told;
    return untold >= COUNTS_PER_ACK ? "now" : untold === 1 ? "later" : undefined;
  }

  told(): number {
    this.#told = this.#received;
    return this.#received;
  }
}
