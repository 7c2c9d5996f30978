import { decodePacket, type EnginePacket, type Handshake } from "@bowline/protocol";
import { encodePacketAsText, joinPayload, splitPayload } from "@bowline/protocol/internal";
import { EXTRAS } from "#extras";
import type { FetchAnswer } from "../env.ts";
import { type EngineOptions, linkUrl, optionsOf } from "./engine-options.ts";
import { eventStream } from "./event-stream.ts";
import {
  byteLength,
  type End,
  nothing,
  type PausableTransport,
  readOr,
  type TransportListener,
} from "./transport.ts";

/** The engine's packet "close". */
const CLOSE = "1";
/** Before a POST of a stream is repeated; doubles, up to the second one, at which it is given up. */
const RETRY_MS = 100;
const LONGEST_RETRY_MS = 1600;

type Method = "GET" | "POST";

/** In a pause: what is to be done when it rests, and when everything came. `leaving`: the server was told goodbye. */
type State = "open" | { rested: () => void; readonly over: () => void } | "leaving" | "closed";

/**
 * Packets over HTTP: a GET for what the server has, a POST for what we have, one of each at a time. With `polling` the
 * server answers a GET when it has something. With `sse` the answer is a stream, in which packets come as they are
 * sent until the server ends it and another GET goes on behind the last one; and POSTs are numbered, so that one whose
 * answer was lost can be sent again and has no effect.
 *
 *        pause()            at rest, then over
 *   open ──────► pausing ────────────────────► closed        closed from everywhere
 *     ◄── resume() ──┘
 */
export class HttpTransport implements PausableTransport {
  readonly name: "polling" | "sse";
  listener: TransportListener;
  readonly #options: EngineOptions;
  readonly #isStream: boolean;
  readonly #abort = new AbortController();
  /** Once there is one. */
  #handshake: Handshake | undefined;
  #state: State = "open";
  /** What is under way. */
  readonly #busy = { GET: false, POST: false };
  /** Of a stream: the packets that came, and the POSTs that were made. */
  readonly #count = { GET: 0, POST: 0 };
  /** The server ended the response, and it was not cut. */
  #isComplete = true;

  constructor(options: EngineOptions, name: "polling" | "sse", listener: TransportListener) {
    this.name = name;
    this.#isStream = name === "sse";
    this.#options = EXTRAS ? optionsOf(options, name) : options;
    this.listener = listener;
    this.#goOn("GET");
  }

  get writable(): boolean {
    return !!this.#handshake && !this.#busy.POST && typeof this.#state === "string";
  }

  get idle(): boolean {
    return this.writable;
  }

  begin(handshake: Handshake): void {
    this.#handshake = handshake;
  }

  send(packets: readonly EnginePacket[]): number {
    const { base64 } = this.#options.env;
    const texts: string[] = [];
    let room = this.#handshake?.maxPayload ?? 0;
    for (const packet of packets) {
      const text = encodePacketAsText(packet, base64);
      room -= byteLength(text) + 1; // a separator
      // At least one goes, so that the server can say that it is too large.
      if (room < 0 && texts.length > 0) break;
      texts.push(text);
      if (packet.type === "close") this.#state = "leaving";
    }
    this.#count.POST++;
    void this.#run("POST", joinPayload(texts));
    return texts.length;
  }

  pause(rested: () => void, over: () => void): void {
    this.#state = { rested, over };
    this.#settle();
  }

  resume(): void {
    if (this.#isClosed) return;
    this.#state = "open";
    this.#goOn("GET");
    this.#goOn("POST");
  }

  close(): void {
    this.#state = "closed";
    this.#abort.abort();
  }

  async #run(method: Method, body: string | null): Promise<void> {
    this.#busy[method] = true;
    const text = await this.#request(method, body);
    this.#busy[method] = false;
    if (text === undefined) return;
    if (method === "GET") {
      if (!this.#isStream) this.#deliver(text, splitPayload);
      else if (!this.#isComplete) this.#end("transport close", "stream cut");
    }
    if (this.#state === "open" || (body && this.#state === "leaving")) this.#goOn(method);
    else this.#settle();
  }

  /** Asks for more, or says that there is room for more. */
  #goOn(method: Method): void {
    if (this.#busy[method]) return;
    if (method === "GET") void this.#run(method, null);
    else this.listener.drain();
  }

  #deliver(text: string, split: (text: string) => string[]): void {
    const { base64 } = this.#options.env;
    const read = (): EnginePacket[] => split(text).map((packet) => decodePacket(packet, base64));
    for (const packet of readOr(this.#end, read) ?? []) {
      this.#count.GET++;
      if (!this.#isClosed) this.listener.packet(packet);
    }
  }

  /** The answer's text; `undefined` when there is none, and then the transport has ended. */
  async #request(method: Method, body: string | null): Promise<string | undefined> {
    const { env } = this.#options;
    for (let pauseMs = this.#isStream && body ? RETRY_MS : LONGEST_RETRY_MS; ; pauseMs *= 2) {
      const answer = await this.#ask(method, body);
      const { status, text, failure } = answer;
      if (this.#isClosed) return undefined;
      if (status === 200) return text;
      if ((status > 0 && status < 500) || pauseMs === LONGEST_RETRY_MS) {
        // The server may have kept the session. It is told, before the GET that it waits with breaks off.
        if (body && status > 0) {
          this.#state = "leaving";
          await this.#ask(method, CLOSE);
        }
        const why = failure ? text : `HTTP ${status} ${text.slice(0, 100)}`;
        this.#end("transport error", `${method} failed: ${why}`, failure ?? answer);
        return undefined;
      }
      await new Promise<void>((done) => env.setTimer(done, pauseMs));
    }
  }

  /** The answer; without one the error, and 0. */
  async #ask(method: Method, body: string | null): Promise<FetchAnswer & { readonly failure?: unknown }> {
    const { env, requestTimeout } = this.#options;
    const isStream = this.#isStream && !body;
    const sid = this.#handshake?.sid;
    const number = this.#isStream && (body ? { seq: this.#count.POST } : { from: this.#count.GET });
    const url = linkUrl(this.#options, this.name, sid && { sid, ...number });
    const late = (): void => this.#end("transport error", `${method} took over ${requestTimeout} ms`);
    const limit = EXTRAS && requestTimeout && !isStream ? env.setTimer(late, requestTimeout) : undefined;
    const init = { method, body, signal: this.#abort.signal, onText: isStream ? this.#reader() : undefined };
    const answer = env
      .fetch(url, init, this.#options)
      .catch((failure: unknown) => ({ status: 0, text: String(failure), failure }));
    if (EXTRAS) void answer.then(() => env.clearTimer(limit));
    return answer;
  }

  /** For one response: what is left of a line there is no use for in the next. */
  #reader(): (text: string) => void {
    this.#isComplete = false;
    const split = eventStream(() => (this.#isComplete = true));
    return (text) => this.#deliver(text, split);
  }

  get #isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Polling rests when both are done; a stream, which the server ends, when the POST is. */
  #settle(): void {
    const state = this.#state;
    const { GET, POST } = this.#busy;
    if (typeof state === "string" || POST) return;
    if (!GET || this.#isStream) {
      state.rested();
      state.rested = nothing;
    }
    if (!GET) state.over();
  }

  readonly #end: End = (...why) => {
    if (this.#isClosed) return;
    this.close();
    this.listener.close(...why);
  };
}
