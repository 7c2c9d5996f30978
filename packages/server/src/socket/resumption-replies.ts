import { type KeptReply, ReplyLog } from "./resumption-reply-log.ts";

/** Those that a client may not have got, at least the last one. SPEC U12. */
const MAX_REPLIES = 256;
const MAX_REPLY_BYTES = 64 * 1024;
/** More requests at one time are not remembered; their answers still leave. */
const MAX_WORKING = 8_192;

/** What became of the requests whose answers a client waits for. */
export interface RepliesFound {
  /** In the order in which they were given. */
  readonly kept: readonly KeptReply[];
  readonly lost: readonly number[];
}

/** The answers that one socket gave lately, and the requests that are being worked on. A data structure. */
export class Replies {
  readonly #kept = new ReplyLog(MAX_REPLIES, MAX_REPLY_BYTES);
  /** Requests that have no answer, but for the latest: most are answered before the next one comes. */
  readonly #working = new Set<number>();
  #latest: number | undefined;
  /** Answered while the link took no more. */
  #withheld: Set<number> | undefined;
  /** Since somebody last looked whether they leave. */
  #uncheckedBytes = 0;
  /** The ids of a client only grow. */
  #highestId = -1;

  /** A request came. */
  began(id: number): void {
    this.#highestId = Math.max(this.#highestId, id);
    if (this.#latest !== undefined) this.#working.add(this.#latest);
    this.#latest = id;
    if (this.#working.size < MAX_WORKING) return;
    for (const oldest of this.#working) {
      this.#working.delete(oldest);
      break;
    }
  }

  /** Whether so much was answered that somebody must look whether it leaves. */
  get isDueForCheck(): boolean {
    if (this.#uncheckedBytes < MAX_REPLY_BYTES) return false;
    this.#uncheckedBytes = 0;
    return true;
  }

  /** Whether a client that does not read asked for more than can be told of later. */
  get isFlooded(): boolean {
    return this.#withheld !== undefined && this.#withheld.size > MAX_WORKING;
  }

  /** It was answered. False if the answer is not to leave now. */
  keep(reply: KeptReply, isStalled: boolean): boolean {
    if (reply.id === this.#latest) this.#latest = undefined;
    else this.#working.delete(reply.id);
    this.#uncheckedBytes += this.#kept.push(reply);
    if (isStalled) (this.#withheld ??= new Set()).add(reply.id);
    return !isStalled;
  }

  /** What did not leave, for it may now. */
  takeWithheld(): RepliesFound {
    const found = this.#look(this.#withheld ?? []);
    this.#withheld = undefined;
    return found;
  }

  /** A client that is back waits for those only: it has all other answers, which go. */
  narrowTo(ids: readonly number[]): RepliesFound {
    const found = this.#look(ids);
    this.#withheld = undefined;
    this.#kept.clear();
    for (const reply of found.kept) this.#kept.push(reply);
    return found;
  }

  #look(ids: Iterable<number>): RepliesFound {
    const wanted = new Set(ids);
    const kept = this.#kept.all().filter(({ id }) => wanted.has(id));
    for (const { id } of kept) wanted.delete(id);
    // What is above came never, or is still to come.
    const isLost = (id: number): boolean =>
      id <= this.#highestId && id !== this.#latest && !this.#working.has(id);
    return { kept, lost: [...wanted].filter(isLost) };
  }
}
