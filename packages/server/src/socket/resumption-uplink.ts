import { Replies, type RepliesFound } from "./resumption-replies.ts";

/** A count is told at the latest after so many. SPEC U9. */
const COUNTS_PER_ACK = 64;
const NOTHING: RepliesFound = { kept: [], lost: [] };

/** The counted events of one client, how many came and up to which it was told so; and its requests. */
export class Uplink {
  #received = 0;
  #told = 0;
  /** From the first request on. */
  #replies: Replies | undefined;
  /** The count is to be told as soon as the link takes it. */
  isOwed = false;

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
    this.isOwed = false;
    return this.#received;
  }

  get replies(): Replies {
    this.#replies ??= new Replies();
    return this.#replies;
  }

  /** As a client that came back asks for them. */
  repliesTo(ids: readonly number[]): RepliesFound {
    return this.#replies?.narrowTo(ids) ?? NOTHING;
  }
}
