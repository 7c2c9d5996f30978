import {
  assertPacketCount,
  type CloseReason,
  decodePayload,
  encodePayload,
  type EnginePacket,
  RealtimeError,
} from "@bowline/protocol";
import type { Clock, Timer } from "@bowline/protocol/internal";
import type { ContentEncoding, HostRequest, HostResponse } from "../host/host.ts";
import { negotiateEncoding } from "./accept-encoding.ts";
import { base64 } from "./base64.ts";
import { NO_LISTENER, type OutgoingPacket, type Transport, type TransportListener } from "./transport.ts";

/** How long an orderly close waits for the peer to fetch what is left. */
const CLOSE_PATIENCE_MS = 30_000;
/** A body of bare separators would make half a million packets of a megabyte. */
const MAX_PACKETS_PER_BODY = 16_384;

const CLOSE: EnginePacket = { type: "close", data: "" };
const NOOP: EnginePacket = { type: "noop", data: "" };

// text/html, because some browsers offer text/plain answers of a form as a download.
const OK: HostResponse = {
  status: 200,
  headers: { "Content-Type": "text/html", "cache-control": "no-store" },
  body: "ok",
};
// The charset is spelt out for pages that are not in UTF-8 themselves.
const POLL_ANSWER = {
  status: 200,
  headers: { "Content-Type": "text/plain; charset=UTF-8", "cache-control": "no-store" },
};
const BAD_REQUEST: HostResponse = { status: 400 };
const TOO_LARGE: HostResponse = { status: 413 };
const NO_SUCH_METHOD: HostResponse = { status: 500 };

const ENCODINGS = ["gzip", "deflate"] as const;
const COPIES = new WeakMap<OutgoingPacket, OutgoingPacket>();

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
  #poll: Answer | undefined;
  /** Of the poll that waits: says which compression its peer can read. */
  #pollRequest: HostRequest | undefined;
  #isPosting = false;
  #flushIsDue = false;
  #closeTimer: Timer | undefined;

  constructor(clock: Clock, compression?: HttpCompression) {
    this.#clock = clock;
    this.#compression = compression;
  }

  get writable(): boolean {
    return this.#state === "open" && this.#poll !== undefined;
  }

  send(packet: OutgoingPacket): void {
    if (this.#state !== "open") return;
    this.#unsent.push(keep(packet));
    this.#flushSoon();
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

  #openPoll(request: HostRequest): HostResponse | Promise<HostResponse> {
    if (this.#poll) {
      this.#end(
        CLOSE,
        "transport error",
        new RealtimeError("transport_failed", "a poll while another one waits"),
      );
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
    // Engine.IO 3 had a binary payload. It must be answered, or the request hangs for ever (CVE-2026-59725).
    if (request.headers["content-type"]?.startsWith("application/octet-stream")) {
      this.#end(CLOSE, "transport error", new RealtimeError("bad_packet", "a binary payload"));
      return BAD_REQUEST;
    }
    return this.#receive(request);
  }

  async #receive(request: HostRequest): Promise<HostResponse> {
    this.#isPosting = true;
    try {
      const body = await request.body();
      return this.#deliver(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
    } catch (error) {
      // The peer learns it from the status and decides; nothing was delivered, so nothing is inconsistent.
      if (error instanceof RealtimeError && error.code === "payload_too_large") return TOO_LARGE;
      this.#end(CLOSE, "transport error", error);
      return BAD_REQUEST;
    } finally {
      this.#isPosting = false;
    }
  }

  #deliver(payload: string): HostResponse {
    if (this.#state === "closed") return BAD_REQUEST;
    let packets: EnginePacket[];
    try {
      assertPacketCount(payload, MAX_PACKETS_PER_BODY);
      packets = decodePayload(payload, base64);
    } catch (error) {
      this.#end(CLOSE, "parse error", error);
      return BAD_REQUEST;
    }
    for (const packet of packets) {
      // The listener may close, or move away, at any packet.
      if (this.#state !== "open") break;
      if (packet.type === "close") this.#end(NOOP, "transport close");
      else this.listener.packet(packet);
    }
    return OK;
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
    if (this.#closeTimer !== undefined) this.#clock.clearTimer(this.#closeTimer);
    this.#closeTimer = undefined;
  }
}

/**
 * Bytes may wait for a poll longer than the application leaves its own alone. A broadcast gives many sessions the same
 * packet, and one copy does for all.
 */
function keep(packet: OutgoingPacket): OutgoingPacket {
  if (packet.type !== "message" || typeof packet.data === "string") return packet;
  const known = COPIES.get(packet);
  if (known) return known;
  const copy: OutgoingPacket = { ...packet, data: new Uint8Array(packet.data) };
  COPIES.set(packet, copy);
  return copy;
}
