import { decodePayload, type EnginePacket, type Handshake } from "@bowline/protocol";
import { encodePacketAsText, joinPayload } from "@bowline/protocol/internal";
import { EXTRAS } from "#extras";
import type { FetchAnswer } from "../env.ts";
import { type EngineOptions, linkUrl, optionsOf } from "./engine-options.ts";
import { byteLength, type End, type PausableTransport, readOr, type TransportListener } from "./transport.ts";

/** The engine's packet "close". */
const CLOSE = "1";

type Method = "GET" | "POST";

/** `pausing` until what is under way is done. */
type State = "open" | { readonly pausing: () => void } | "paused" | "closed";

/**
 * Long-polling: a GET that the server answers when it has something, a POST for what we have. One of each at a time.
 *
 *        pause()            both done
 *   open ──────► pausing ────────────► paused        closed from everywhere
 *     ◄───────────┴──── resume() ────────┘
 */
export class PollingTransport implements PausableTransport {
  readonly name = "polling";
  listener: TransportListener;
  readonly #options: EngineOptions;
  readonly #abort = new AbortController();
  #sid: string | undefined;
  #maxPayload = 0;
  #state: State = "open";
  /** What is under way. */
  readonly #busy = new Set<Method>();

  constructor(options: EngineOptions, listener: TransportListener) {
    this.#options = EXTRAS ? optionsOf(options, this.name) : options;
    this.listener = listener;
    this.#goOn("GET");
  }

  get writable(): boolean {
    return this.#sid !== undefined && !this.#busy.has("POST") && this.#state === "open";
  }

  get idle(): boolean {
    return this.writable;
  }

  begin({ sid, maxPayload }: Handshake): void {
    this.#sid = sid;
    this.#maxPayload = maxPayload;
  }

  send(packets: readonly EnginePacket[]): number {
    const { base64 } = this.#options.env;
    const texts: string[] = [];
    let room = this.#maxPayload;
    for (const packet of packets) {
      const text = encodePacketAsText(packet, base64);
      room -= byteLength(text) + 1; // a separator
      // At least one goes, so that the server can say that it is too large.
      if (room < 0 && texts.length > 0) break;
      texts.push(text);
    }
    void this.#run("POST", joinPayload(texts));
    return texts.length;
  }

  pause(done: () => void): void {
    this.#state = { pausing: done };
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
    this.#busy.add(method);
    const text = await this.#request(method, body);
    this.#busy.delete(method);
    if (text === undefined) return;
    if (method === "GET") this.#deliver(text);
    if (this.#state === "open") this.#goOn(method);
    else this.#settle();
  }

  /** Polls again, or says that there is room for more. */
  #goOn(method: Method): void {
    if (this.#busy.has(method)) return;
    if (method === "GET") void this.#run(method, null);
    else this.listener.drain();
  }

  #deliver(payload: string): void {
    const packets = readOr(this.#end, () => decodePayload(payload, this.#options.env.base64)) ?? [];
    for (const packet of packets) if (!this.#isClosed) this.listener.packet(packet);
  }

  /** The answer's text; `undefined` when there is none, and then the transport has ended. */
  async #request(method: Method, body: string | null): Promise<string | undefined> {
    const { env } = this.#options;
    const requestTimeout = EXTRAS && this.#options.requestTimeout;
    const { signal } = this.#abort;
    const ask = (text: string | null): Promise<FetchAnswer> => {
      const url = linkUrl(this.#options, this.name, this.#sid);
      return env.fetch(url, { method, body: text, signal }, this.#options);
    };
    const limit = requestTimeout
      ? env.setTimer(
          () => this.#end("transport error", `${method} took over ${requestTimeout} ms`),
          requestTimeout,
        )
      : undefined;
    let failure = "";
    let context: unknown;
    try {
      const answer = await ask(body);
      if (EXTRAS) env.clearTimer(limit || undefined);
      if (this.#isClosed) return undefined;
      if (answer.status === 200) return answer.text;
      failure = `HTTP ${answer.status} ${answer.text.slice(0, 100)}`;
      context = answer;
      if (method === "POST") {
        // The server may have kept the session. It is told, before the GET that it waits with breaks off.
        this.#state = "paused";
        await ask(CLOSE);
      }
    } catch (error) {
      failure ||= String(error);
      context ??= error;
    }
    this.#end("transport error", `${method} failed: ${failure}`, context);
    return undefined;
  }

  get #isClosed(): boolean {
    return this.#state === "closed";
  }

  #settle(): void {
    const state = this.#state;
    if (typeof state === "string" || this.#busy.size > 0) return;
    this.#state = "paused";
    state.pausing();
  }

  readonly #end: End = (...why) => {
    if (this.#isClosed) return;
    this.close();
    this.listener.close(...why);
  };
}
