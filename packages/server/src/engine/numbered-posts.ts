import type { CloseReason, EnginePacket } from "@bowline/protocol";
import type { HostRequest, HostResponse } from "../host/host.ts";
import { BAD_REQUEST, deliver, isFailed, POST_TAKEN, type PostTarget, readPost } from "./post.ts";

/** A POST whose link died unnoticed is read while it is sent again; more often than that nobody does it honestly. */
const MOST_AT_A_TIME = 4;
const BUSY: HostResponse = { status: 503 };
const GAP: HostResponse = { status: 409 };

export interface NumberedTarget extends PostTarget {
  packet(packet: EnginePacket): void;
  /** What a POST brought cannot be. */
  failed(reason: CloseReason, cause: unknown): void;
}

/**
 * POSTs with numbers, 1 the first: one whose answer was lost may be sent again and has no effect, also while the first is
 * still on its way (SPEC V4, V5). A number counts when its body is whole.
 */
export class NumberedPosts {
  readonly #target: NumberedTarget;
  #last = 0;
  #arriving = 0;

  constructor(target: NumberedTarget) {
    this.#target = target;
  }

  take(request: HostRequest, number: string | undefined): HostResponse | Promise<HostResponse> {
    const seq = parse(number);
    if (seq === undefined) return BAD_REQUEST;
    if (seq <= this.#last) return POST_TAKEN;
    if (seq > this.#last + 1) return GAP;
    return this.#arriving < MOST_AT_A_TIME ? this.#receive(request, seq) : BUSY;
  }

  async #receive(request: HostRequest, seq: number): Promise<HostResponse> {
    this.#arriving++;
    const post = await readPost(request);
    this.#arriving--;
    if (seq <= this.#last) return POST_TAKEN;
    if (!this.#target.isOpen()) return BAD_REQUEST;
    if (isFailed(post)) {
      // It will be sent again.
      if (post.ends && !post.isCutOff) this.#target.failed(post.ends.reason, post.ends.cause);
      return post.answer;
    }
    this.#last = seq;
    deliver(post, this.#target);
    return POST_TAKEN;
  }
}

/** Digits only: what `Number` takes besides is nobody's number. */
function parse(number: string | undefined): number | undefined {
  return number !== undefined && /^[1-9]\d{0,14}$/.test(number) ? Number(number) : undefined;
}
