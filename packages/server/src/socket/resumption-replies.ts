import type { EnginePacket } from "@bowline/protocol";
import { weigh } from "./resumption-ring.ts";

/** Those that a client may not have got, at least the last one. SPEC U12. */
const MAX_REPLIES = 256;
const MAX_REPLY_BYTES = 64 * 1024;
/** More requests at one time are not remembered; their answers still leave. */
const MAX_WORKING = 8_192;

export interface KeptReply {
  readonly id: number;
  readonly packets: readonly EnginePacket[];
  /** How many counted events went to the client before. */
  readonly behind: number;
}

/** What became of the requests whose answers a client waits for. */
export interface RepliesFound {
  /** In the order in which they were given. */
  readonly kept: readonly KeptReply[];
  readonly lost: readonly number[];
}

/** The answers that one socket gave lately, and the requests that are being worked on. A data structure. */
export class Replies {
  readonly #working = new Set<number>();
  readonly #kept = new Map<number, KeptReply>();
  #bytes = 0;
  /** Answered while the link took no more. */
  #withheld: Set<number> | undefined;
  /** Since somebody last looked whether they leave. */
  #uncheckedBytes = 0;
  /** The ids of a client only grow. */
  #highestId = -1;

  /** A request came. */
  began(id: number): void {
    this.#highestId = Math.max(this.#highestId, id);
    this.#working.add(id);
    if (this.#working.size <= MAX_WORKING) return;
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
    const bytes = weigh(reply.packets);
    this.#working.delete(reply.id);
    this.#kept.set(reply.id, reply);
    this.#bytes += bytes;
    this.#uncheckedBytes += bytes;
    if (isStalled) (this.#withheld ??= new Set()).add(reply.id);
    this.#evict();
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
    const wanted = new Set(ids);
    this.#withheld = undefined;
    for (const id of [...this.#kept.keys()]) if (!wanted.has(id)) this.#drop(id);
    return this.#look(wanted);
  }

  #evict(): void {
    for (const id of this.#kept.keys()) {
      const isOver = this.#kept.size > MAX_REPLIES || this.#bytes > MAX_REPLY_BYTES;
      if (!isOver || this.#kept.size === 1) break;
      this.#drop(id);
    }
  }

  #look(ids: Iterable<number>): RepliesFound {
    const wanted = new Set(ids);
    const kept = [...this.#kept.values()].filter(({ id }) => wanted.has(id));
    // What is above came never, or is still to come.
    const isLost = (id: number): boolean =>
      id <= this.#highestId && !this.#kept.has(id) && !this.#working.has(id);
    return { kept, lost: [...wanted].filter(isLost) };
  }

  #drop(id: number): void {
    const reply = this.#kept.get(id);
    if (!reply) return;
    this.#kept.delete(id);
    this.#bytes -= weigh(reply.packets);
  }
}
