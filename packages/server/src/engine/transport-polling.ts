import { type CloseReason, encodePayload, type EnginePacket, RealtimeError } from "@bowline/protocol";
import type { Clock, Timer } from "@bowline/protocol/internal";
import type { ContentEncoding, HostRequest, HostResponse } from "../host/host.ts";
import { negotiateEncoding } from "./accept-encoding.ts";
import { base64 } from "./base64.ts";
import { keptPacket } from "./kept-packet.ts";
import { BAD_REQUEST, deliver, isFailed, NO_SUCH_METHOD, POST_TAKEN, readPost } from "./post.ts";
import {
  byteLengthOf,
  NO_LISTENER,
  type OutgoingPacket,
  type Transport,
  type TransportListener,
} from "./transport.ts";

/** How long an orderly close waits for the peer to fetch what is left. */
const CLOSE_PATIENCE_MS = 30_000;

const CLOSE: EnginePacket = { type: "close", data: "" };
const NOOP: EnginePacket = { type: "noop", data: "" };

// The charset is spelt out for pages that are not in UTF-8 themselves.
const POLL_ANSWER = {
  status: 200,
  headers: { "Content-Type": "text/plain; charset=UTF-8", "cache-control": "no-store" },
};

const ENCODINGS = ["gzip", "deflate"] as const;

/** A query that no other request has: its `t` is not just the time in seconds, which some clients put there. */
const UNIQUE = /(?:^|&)t=[^&]*[^&\d]/;

type Answer = (response: HostResponse) => void;

/** Of the answers to polls. */
export interface HttpCompression {
  /** Bodies of fewer bytes leave as they are. */
  readonly threshold: number;
  /** As node:zlib takes them. */
  readonly native?: Readonly<Record<string, unknown>>;
}

/**
 * Long polling (SPEC T3, E10 to E14): a pending GET is a pending promise, a POST is a body of packets.
 *
 *     peer: GET ──────────┐ held until there is something       POST 4a␞4b ──► packets, "ok"
 *     us:   send() ─► queue ─► body of the answer
 */
export class PollingTransport implements Transport {
  readonly name = "polling";
  listener: TransportListener = NO_LISTENER;
  readonly #clock: Clock;
  readonly #compression: HttpCompression | undefined;
  /** closing: waits for the poll that fetches the rest. */
  #state: "open" | "closing" | "closed" = "open";
  #unsent: OutgoingPacket[] = [];
  #unsentBytes = 0;
  #poll: Answer | undefined;
  /** Of the poll that waits: says which compression its peer can read. */
  #pollRequest: HostRequest | undefined;
  #isPosting = false;
  /** The queries of the last poll and POST that were answered. */
  #lastPoll = "";
  #lastPost = "";
  #flushIsDue = false;
  #closeTimer: Timer | undefined;

  constructor(clock: Clock, compression?: HttpCompression) {
    this.#clock = clock;
    this.#compression = compression;
  }

  get writable(): boolean {
    return this.#state === "open" && this.#poll !== undefined;
  }

  get bufferedAmount(): number {
    return this.#unsentBytes;
  }

  send(packet: OutgoingPacket): void {
    if (this.#state !== "open") return;
    this.#unsent.push(keptPacket(packet));
    this.#unsentBytes += byteLengthOf(packet);
    this.#flushSoon();
  }

  flush(): void {
    if (this.#state === "open" && this.#unsent.length > 0) this.#flush();
  }

  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    if (this.#poll) this.#finish();
    else this.#closeTimer = this.#clock.setTimer(() => this.#finish(), CLOSE_PATIENCE_MS);
  }

  discard(): void {
    this.#enterClosed();
    this.#answerPoll([CLOSE]);
  }

  handOver(): readonly OutgoingPacket[] {
    const unsent = this.#unsent;
    this.#enterClosed();
    this.#answerPoll([NOOP]);
    return unsent;
  }

  request(request: HostRequest): HostResponse | Promise<HostResponse> {
    if (this.#state === "closed") return BAD_REQUEST;
    if (request.method === "GET") return this.#openPoll(request);
    if (request.method === "POST") return this.#openPost(request);
    return NO_SUCH_METHOD;
  }

  /** A poll that waits would hold the peer's pause up until somebody sends something. */
  release(): void {
    if (this.writable) this.send(NOOP);
  }

  #openPoll(request: HostRequest): HostResponse | Promise<HostResponse> {
    if (this.#poll) {
      this.#end(
        CLOSE,
        "transport error",
        new RealtimeError("transport_failed", "a poll while another one waits"),
      );
      return BAD_REQUEST;
    }
    // The answer got lost with a connection that was kept for reuse, and the peer's HTTP asked again by itself.
    if (this.#lastPoll === request.query && UNIQUE.test(request.query)) {
      const what = "a poll again that was answered before: the answer is lost";
      this.#end(CLOSE, "transport error", new RealtimeError("transport_failed", what));
      return BAD_REQUEST;
    }
    return new Promise((resolve) => {
      this.#poll = resolve;
      this.#pollRequest = request;
      request.onAbort(() => this.#abortPoll(resolve));
      if (this.#poll !== resolve) return;
      if (this.#state === "closing") this.#finish([NOOP, CLOSE]);
      else if (this.#unsent.length > 0) this.#flush();
      else this.listener.drain();
    });
  }

  #abortPoll(poll: Answer): void {
    if (this.#poll !== poll) return;
    this.#poll = undefined;
    this.#pollRequest = undefined;
    poll(BAD_REQUEST); // Nobody hears it; the host's promise must settle all the same.
    this.#end(
      CLOSE,
      "transport error",
      new RealtimeError("transport_failed", "a poll was cut off by the peer"),
    );
  }

  #openPost(request: HostRequest): HostResponse | Promise<HostResponse> {
    if (this.#isPosting) {
      this.#end(
        CLOSE,
        "transport error",
        new RealtimeError("transport_failed", "a POST while another one arrives"),
      );
      return BAD_REQUEST;
    }
    if (this.#lastPost === request.query && UNIQUE.test(request.query)) return POST_TAKEN;
    return this.#receive(request);
  }

  async #receive(request: HostRequest): Promise<HostResponse> {
    this.#isPosting = true;
    const post = await readPost(request);
    this.#isPosting = false;
    if (this.#state === "closed") return BAD_REQUEST;
    if (isFailed(post)) {
      if (post.ends) this.#end(CLOSE, post.ends.reason, post.ends.cause);
      return post.answer;
    }
    deliver(post, {
      isOpen: () => this.#state === "open",
      packet: (packet) => this.listener.packet(packet),
      goodbye: () => this.#end(NOOP, "transport close"),
    });
    this.#lastPost = request.query;
    return POST_TAKEN;
  }

  /** What one tick sends leaves in one answer. */
  #flushSoon(): void {
    if (!this.#poll || this.#flushIsDue) return;
    this.#flushIsDue = true;
    queueMicrotask(() => {
      this.#flushIsDue = false;
      if (this.#state === "open" && this.#unsent.length > 0) this.#flush();
    });
  }

  #flush(): void {
    if (!this.#poll) return;
    const packets = this.#unsent;
    this.#unsent = [];
    this.#unsentBytes = 0;
    this.listener.flushed?.(packets);
    this.#answerPoll(packets);
    for (const { options } of packets) options?.sent?.();
  }

  #answerPoll(packets: readonly OutgoingPacket[]): void {
    const poll = this.#poll;
    if (!poll) return;
    const request = this.#pollRequest;
    this.#poll = undefined;
    this.#pollRequest = undefined;
    if (request) this.#lastPoll = request.query;
    const body = encodePayload(packets, base64);
    const encoding = request && this.#encodingOf(body, packets, request);
    poll({ ...POLL_ANSWER, body, ...(encoding && { encoding }) });
  }

  #encodingOf(
    body: string,
    packets: readonly OutgoingPacket[],
    request: HostRequest,
  ): ContentEncoding | undefined {
    if (!this.#compression) return undefined;
    const { threshold, native } = this.#compression;
    if (Buffer.byteLength(body) < threshold) return undefined;
    if (packets.every(({ options }) => options?.compress === false)) return undefined;
    const name = negotiateEncoding(request.headers["accept-encoding"], ENCODINGS);
    return name && { name, ...(native && { options: native }) };
  }

  /**
   * The orderly end: what is left goes to one poll and the close packet to the next, since a stock client drops what
   * stands before a close packet in the same body.
   */
  #finish(lastWords: readonly EnginePacket[] = [CLOSE]): void {
    if (this.#poll && this.#unsent.length > 0) {
      this.#flush();
      this.#closeTimer ??= this.#clock.setTimer(() => this.#finish(), CLOSE_PATIENCE_MS);
      return;
    }
    this.#enterClosed();
    this.#answerPoll(lastWords);
    this.listener.closed("forced close");
  }

  /** The peer or the link ended it. */
  #end(lastWord: EnginePacket, reason: CloseReason, cause?: unknown): void {
    if (this.#state === "closed") return;
    this.#enterClosed();
    this.#answerPoll([lastWord]);
    this.listener.closed(reason, cause);
  }

  #enterClosed(): void {
    this.#state = "closed";
    this.#unsent = [];
    this.#unsentBytes = 0;
    if (this.#closeTimer !== undefined) this.#clock.clearTimer(this.#closeTimer);
    this.#closeTimer = undefined;
  }
}
