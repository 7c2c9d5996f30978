import { type CloseReason, type EnginePacket, RealtimeError } from "@bowline/protocol";
import type { Clock, Timer } from "@bowline/protocol/internal";
import type { HostRequest, HostResponse } from "../host/host.ts";
import type { EventEncoder } from "./event-encoder.ts";
import { keptPacket } from "./kept-packet.ts";
import { NumberedPosts } from "./numbered-posts.ts";
import { BAD_REQUEST, NO_SUCH_METHOD } from "./post.ts";
import type { Query } from "./query.ts";
import { SseAnswer, STREAM_END } from "./sse-answer.ts";
import {
  byteLengthOf,
  NO_LISTENER,
  type OutgoingPacket,
  type Transport,
  type TransportListener,
  WRITABLE_BELOW_BYTES,
} from "./transport.ts";

/** After the open packet; who gets the two together is behind a proxy that holds back what it has not got whole. */
const BEACON_MS = 100;
/** How long the peer may take to ask for the next part. */
const REST_MS = 10_000;
const GONE: HostResponse = { status: 410 };

const CLOSE: EnginePacket = { type: "close", data: "" };
const NOOP: EnginePacket = { type: "noop", data: "" };

/** When an answer is ended and the next one awaited: proxies, and memory in browsers, do not last for ever. */
export interface SseSettings {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

type State =
  /** Nobody has asked for the stream yet. */
  | { readonly name: "new" }
  | { readonly name: "streaming"; readonly answer: SseAnswer; readonly age: Timer }
  /** Between two answers. What is sent waits; `isClosing`: the next one gets it and the last words. */
  | { readonly name: "resting"; readonly patience: Timer; readonly isClosing: boolean }
  /** The last words are on their way. */
  | { readonly name: "ending"; readonly answer: SseAnswer }
  | { readonly name: "closed" };

const NEXT: Readonly<Record<State["name"], readonly State["name"][]>> = {
  new: ["streaming", "closed"],
  streaming: ["streaming", "resting", "ending", "closed"],
  resting: ["streaming", "resting", "ending", "closed"],
  ending: ["closed"],
  closed: [],
};

/**
 * Server-sent events (SPEC V1 to V13): one GET whose answer goes on, and POSTs with numbers.
 *
 *     peer: GET ────────────────────┐ open packet, 100 ms, noop, …         POST &seq=1 4a␞4b ──► packets, "ok"
 *     us:   send() ─► one tick ─► one event
 *           after maxAge or maxBytes: event "end"
 *     peer: GET &from=packets ──────┐ goes on behind the last packet
 *
 *     new ─► streaming ⇄ resting ─► closed
 *                 └─ close() ─┴─► ending ─► closed
 */
export class SseTransport implements Transport {
  readonly name = "sse";
  listener: TransportListener = NO_LISTENER;
  readonly #clock: Clock;
  readonly #settings: SseSettings;
  readonly #encoder: EventEncoder;
  readonly #posts: NumberedPosts;
  #state: State = { name: "new" };
  #unsent: OutgoingPacket[] = [];
  #unsentBytes = 0;
  /** Packets that were written, over all answers. */
  #sent = 0;
  #flushIsDue = false;
  #beacon: Timer | undefined;

  constructor(clock: Clock, settings: SseSettings, encoder: EventEncoder) {
    this.#clock = clock;
    this.#settings = settings;
    this.#encoder = encoder;
    this.#posts = new NumberedPosts({
      isOpen: () => this.#isOpen,
      packet: (packet) => this.listener.packet(packet),
      goodbye: () => this.#end(this.#ending, "transport close"),
      failed: (reason, cause) => this.#end(this.#lastWords, reason, cause),
    });
  }

  get writable(): boolean {
    return this.#state.name === "streaming" && this.bufferedAmount < WRITABLE_BELOW_BYTES;
  }

  get bufferedAmount(): number {
    const state = this.#state;
    return this.#unsentBytes + ("answer" in state ? state.answer.bufferedAmount : 0);
  }

  send(packet: OutgoingPacket): void {
    if (!this.#isOpen) return;
    this.#unsent.push(keptPacket(packet));
    this.#unsentBytes += byteLengthOf(packet);
    this.#flushSoon();
  }

  flush(): void {
    this.#flush();
    if (this.#state.name === "streaming") this.#state.answer.flush();
  }

  close(): void {
    const state = this.#state;
    if (state.name === "streaming") this.#finish(state.answer);
    else if (state.name === "resting") this.#enter({ ...state, isClosing: true });
    else if (state.name === "new") this.#end("", "forced close");
  }

  discard(): void {
    const state = this.#state;
    if (state.name === "closed") return;
    // What was ended ends by itself, unless its peer reads nothing.
    const isLeaving = state.name === "ending" && state.answer.bufferedAmount < WRITABLE_BELOW_BYTES;
    if ("answer" in state && !isLeaving) state.answer.cut();
    this.#enter({ name: "closed" });
  }

  /** What waits still goes out this way if it can: the peer takes nothing from the other before this one has ended. */
  handOver(): readonly OutgoingPacket[] {
    const state = this.#state;
    if (state.name === "closed") return [];
    if (state.name === "streaming") {
      this.#write(state.answer);
      state.answer.end(this.#ending);
    }
    const unsent = this.#unsent;
    this.#enter({ name: "closed" });
    return unsent;
  }

  request(request: HostRequest, query: Query): HostResponse | Promise<HostResponse> {
    if (this.#state.name === "closed") return BAD_REQUEST;
    if (request.method === "GET") return this.#get(request, query["from"]);
    if (request.method === "POST") return this.#posts.take(request, query["seq"]);
    return NO_SUCH_METHOD;
  }

  get #isOpen(): boolean {
    const { name } = this.#state;
    return name === "new" || name === "streaming" || (name === "resting" && !this.#isClosing);
  }

  get #isClosing(): boolean {
    return this.#state.name === "ending" || (this.#state.name === "resting" && this.#state.isClosing);
  }

  /** For a peer that goes on elsewhere, or not at all: it sees that the stream was not cut. */
  get #ending(): string {
    return this.#encoder.encode([NOOP]) + STREAM_END;
  }

  get #lastWords(): string {
    return this.#encoder.encode([CLOSE]);
  }

  #get(request: HostRequest, from: string | undefined): HostResponse {
    const state = this.#state;
    const hasAll = from === String(this.#sent);
    if (state.name === "ending") return BAD_REQUEST;
    if (state.name === "streaming") {
      // One that goes on may have been lost on its way, and who has all that was sent loses nothing by another.
      if (!hasAll || !state.answer.isNext)
        return this.#refuse(BAD_REQUEST, "a stream while another one is open");
      state.answer.cut();
    }
    if (state.name === "resting" && !hasAll) return this.#refuse(GONE, "what was sent did not arrive");
    const answer = new SseAnswer(state.name !== "new", {
      drain: (drained) => this.#drained(drained),
      closed: (closed) => this.#closed(closed),
    });
    if (state.name === "new") this.#beacon = this.#clock.setTimer(() => this.#sendBeacon(), BEACON_MS);
    this.#stream(answer);
    request.onAbort(() => answer.left());
    return answer.response;
  }

  #refuse(answer: HostResponse, why: string): HostResponse {
    this.#end(this.#lastWords, "transport error", new RealtimeError("transport_failed", why));
    return answer;
  }

  #stream(answer: SseAnswer): void {
    if (this.#isClosing) return this.#finish(answer);
    const age = this.#clock.setTimer(() => {
      answer.isOld = true;
      this.#rotate(answer);
    }, this.#settings.maxAgeMs);
    this.#enter({ name: "streaming", answer, age });
    this.#flushSoon();
  }

  #sendBeacon(): void {
    this.#flush();
    this.send(NOOP);
  }

  #flushSoon(): void {
    if (this.#flushIsDue || this.#state.name !== "streaming" || this.#unsent.length === 0) return;
    this.#flushIsDue = true;
    queueMicrotask(() => {
      this.#flushIsDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    const state = this.#state;
    if (state.name !== "streaming" || this.#unsent.length === 0) return;
    this.#write(state.answer);
    if (this.#isDue(state.answer)) this.#rotate(state.answer);
  }

  #write(answer: SseAnswer): void {
    const packets = this.#unsent;
    if (packets.length === 0) return;
    this.#unsent = [];
    this.#unsentBytes = 0;
    this.#sent += packets.length;
    answer.write(this.#encoder.encode(packets));
    this.listener.flushed?.(packets);
    for (const { options } of packets) options?.sent?.();
  }

  #isDue({ isOld, bytes }: SseAnswer): boolean {
    return isOld || bytes >= this.#settings.maxBytes;
  }

  /** Not while much is on its way: then later, so that the peer is given its time when it has got all of it. */
  #rotate(answer: SseAnswer): void {
    const state = this.#state;
    if (state.name !== "streaming" || state.answer !== answer || !this.writable) return;
    this.#write(answer);
    if (this.#state !== state) return;
    answer.end(STREAM_END);
    const patience = this.#clock.setTimer(
      () => this.#end("", this.#isClosing ? "forced close" : "transport close"),
      REST_MS,
    );
    this.#enter({ name: "resting", patience, isClosing: false });
  }

  /** The orderly end. */
  #finish(answer: SseAnswer): void {
    this.#enter({ name: "ending", answer });
    this.#write(answer);
    answer.end(this.#lastWords);
  }

  #drained(answer: SseAnswer): void {
    const state = this.#state;
    if (state.name !== "streaming" || state.answer !== answer || !this.writable) return;
    if (this.#isDue(answer)) this.#rotate(answer);
    else this.listener.drain();
  }

  #closed(answer: SseAnswer): void {
    const state = this.#state;
    if (!("answer" in state) || state.answer !== answer) return;
    this.#end("", state.name === "ending" ? "forced close" : "transport close");
  }

  /** The peer or the link ended it, or our close is done. */
  #end(lastWords: string, reason: CloseReason, cause?: unknown): void {
    const state = this.#state;
    if (state.name === "closed") return;
    this.#enter({ name: "closed" });
    if (state.name === "streaming") state.answer.end(lastWords);
    this.listener.closed(reason, cause);
  }

  #enter(next: State): void {
    const last = this.#state;
    if (!NEXT[last.name].includes(next.name)) throw new Error(`sse: ${last.name} -> ${next.name}`);
    if (last.name === "streaming") this.#clock.clearTimer(last.age);
    if (last.name === "resting" && next.name !== "resting") this.#clock.clearTimer(last.patience);
    if (next.name === "ending" || next.name === "closed") this.#stopBeacon();
    if (next.name === "closed") {
      this.#unsent = [];
      this.#unsentBytes = 0;
    }
    this.#state = next;
  }

  #stopBeacon(): void {
    if (this.#beacon !== undefined) this.#clock.clearTimer(this.#beacon);
    this.#beacon = undefined;
  }
}
