import { decodePacket, type EnginePacket, type Handshake } from "@bowline/protocol";
import { encodePacketAsText, joinPayload, splitPayload } from "@bowline/protocol/internal";
import { EXTRAS } from "#extras";
import type { FetchAnswer } from "../env.ts";
import { type EngineOptions, linkUrl, optionsOf } from "./engine-options.ts";
import { eventStream } from "./event-stream.ts";
import {
  byteLength,
  DEAF,
  end,
  parseOpen,
  type PausableTransport,
  take,
  type TransportListener,
} from "./transport.ts";

/** The engine's packet "close". */
const CLOSE = "1";
/** Before a POST of a stream is repeated; doubles. */
const RETRY_MS = 100;
const LAST_RETRY_MS = 800;

/** A body makes it a POST. */
type Body = string | null;

/**
 * Packets over HTTP: a GET for what the server has, a POST for what we have, one of each at a time. With `polling` the
 * server answers a GET when it has something. With `sse` the answer is a stream, in which packets come as they are
 * sent until the server ends it and another GET goes on behind the last one; and POSTs are numbered, so that one whose
 * answer was lost can be sent again and has no effect.
 */
export class HttpTransport implements PausableTransport {
  readonly name: "polling" | "sse";
  listener: TransportListener;
  readonly #options: EngineOptions;
  readonly #isStream: boolean;
  readonly #abort = new AbortController();
  /** Once there is one. */
  #handshake: Handshake | undefined;
  /** The server was told goodbye, and is asked for nothing more. */
  #isLeaving = false;
  /** In a pause. */
  #rested: ((isOver: boolean) => void) | undefined;
  /** What is under way. */
  readonly #busy = { GET: false, POST: false };
  /** The packets that came, and the POSTs that were made. */
  readonly #count = { GET: 0, POST: 0 };
  /** Came, and the listener was not told. */
  #held: EnginePacket[] = [];

  constructor(options: EngineOptions, name: "polling" | "sse", listener: TransportListener) {
    this.name = name;
    this.#isStream = name === "sse";
    this.#options = EXTRAS ? optionsOf(options, name) : options;
    this.listener = listener;
    this.#goOn();
  }

  get writable(): boolean {
    return !!this.#handshake && !this.#busy.POST && !this.#rested;
  }

  get idle(): boolean {
    return this.writable;
  }

  send(packets: readonly EnginePacket[]): number {
    const { base64 } = this.#options.env;
    const texts: string[] = [];
    let room = this.#handshake?.maxPayload ?? Infinity;
    for (const packet of packets) {
      const text = encodePacketAsText(packet, base64);
      room -= byteLength(text) + 1; // a separator
      // At least one goes, so that the server can say that it is too large.
      if (room < 0 && texts.length > 0) break;
      texts.push(text);
      if (packet.type === "close") this.#isLeaving = true;
    }
    this.#count.POST++;
    void this.#run(joinPayload(texts));
    return texts.length;
  }

  pause(rested: (isOver: boolean) => void): void {
    this.#rested = rested;
    this.#goOn();
  }

  resume(): void {
    this.#rested = undefined;
    this.#goOn();
  }

  close(): void {
    this.listener = DEAF;
    this.#abort.abort();
  }

  /** Does what there is to do, whenever a request or a pause begins or ends. */
  #goOn(): void {
    const { GET, POST } = this.#busy;
    if (this.#isClosed) return;
    if (this.#rested) {
      // Polling rests when both are done; a stream, which the server ends, when the POST is.
      if (!POST && (!GET || this.#isStream)) this.#rested(!GET);
      return;
    }
    if (!GET && !this.#isLeaving) void this.#run(null);
    if (this.writable) this.listener.drain();
  }

  async #run(body: Body): Promise<void> {
    const method = body ? "POST" : "GET";
    this.#busy[method] = true;
    let answer = await this.#ask(body);
    const isAnswered = (): boolean => answer.status > 0 && answer.status < 500;
    const last = this.#isStream && body ? LAST_RETRY_MS : 0;
    for (let pauseMs = RETRY_MS; pauseMs <= last && !isAnswered() && !this.#isClosed; pauseMs *= 2) {
      await new Promise<void>((done) => this.#options.env.setTimer(done, pauseMs));
      answer = await this.#ask(body);
    }
    const { status, text, failure } = answer;
    if (status !== 200) {
      // The server may have kept the session. It is told, before the GET that it waits with breaks off.
      if (body && status > 0) {
        this.#isLeaving = true;
        await this.#ask(CLOSE);
      }
      const why = failure ? text : `HTTP ${status} ${text.slice(0, 100)}`;
      return end(this, "transport error", `${method} failed: ${why}`, failure ?? answer);
    }
    if (!body && !this.#isStream) this.#deliver(text, splitPayload);
    this.#busy[method] = false;
    this.#goOn();
  }

  #deliver(text: string, split: (text: string) => string[]): void {
    take(this, () => {
      const packets = split(text).map((each) => decodePacket(each, this.#options.env.base64));
      this.#count.GET += packets.length;
      this.#held.push(...packets);
      const [first] = this.#held;
      if (!first) return;
      this.#handshake ??= parseOpen(first);
      // A stream is open when something follows: a proxy may hold it back.
      if (this.#isStream && this.#count.GET < 2) return;
      for (const packet of this.#held.splice(0)) this.listener.receive(packet);
    });
  }

  /** The answer; without one the error, and 0. */
  async #ask(body: Body): Promise<FetchAnswer & { readonly failure?: unknown }> {
    const { env, requestTimeout } = this.#options;
    const method = body ? "POST" : "GET";
    const isStream = this.#isStream && !body;
    const sid = this.#handshake?.sid;
    const number = this.#isStream && (body ? { seq: this.#count.POST } : { from: this.#count.GET });
    const url = linkUrl(this.#options, this.name, sid && { sid, ...number });
    const late = (): void => end(this, "transport error", `${method} took over ${requestTimeout} ms`);
    const limit = EXTRAS && requestTimeout && !isStream ? env.setTimer(late, requestTimeout) : undefined;
    let isCut = isStream;
    // For one response: what is left of a line there is no use for in the next.
    const split = eventStream(() => (isCut = false));
    const onText = isStream ? (text: string): void => this.#deliver(text, split) : undefined;
    const init = { method, body, signal: this.#abort.signal, onText } as const;
    try {
      const answer = await env.fetch(url, init, this.#options);
      if (isCut && answer.status === 200) throw new Error("stream cut");
      return answer;
    } catch (failure) {
      return { status: 0, text: String(failure), failure };
    } finally {
      if (EXTRAS) env.clearTimer(limit);
    }
  }

  get #isClosed(): boolean {
    return this.#abort.signal.aborted;
  }
}
