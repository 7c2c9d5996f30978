import type { Frame, Handshake } from "@bowline/protocol";
import { transportError } from "#extras";
import {
  type EngineOptions,
  IDLE_BYTES,
  linkUrl,
  LONGEST_DELAY,
  SIGN_OF_LIFE_MS,
} from "../engine/engine-options.ts";
import type { Session as WholeSession, SessionListener } from "../engine/session.ts";
import type { End } from "../engine/transport.ts";

/** What of a session its manager and their sockets use. */
type Used = "maxPayload" | "ext" | "idle" | "isAlive" | "expectLife" | "send" | "blame" | "release" | "lose";

/**
 * @internal
 * What the file that knows WebSockets only has as `#session`: a session and its one transport in one, for pages. SPEC C83.
 * It trusts its own server: of what it says nothing is checked that would not keep the client from reading on.
 */
export class Session implements Pick<WholeSession, Used> {
  readonly transport = { name: "websocket" } as const;
  maxPayload: number = Infinity;
  ext: Handshake["ext"];
  readonly #ws: WebSocket;
  /** Until it ended. */
  #listener: SessionListener | undefined;
  /** How long the server may say nothing; 0 until it shook hands. */
  #patience = 0;
  /** The same, but less while a sign of life is awaited that was asked for; counts from `#since`. */
  #limitMs = 0;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EngineOptions, listener: SessionListener) {
    const { protocols, timeout } = options;
    const ws = new WebSocket(linkUrl(options, "websocket"), protocols);
    this.#ws = ws;
    this.#listener = listener;
    ws.binaryType = "arraybuffer";
    ws.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      try {
        if (typeof data === "string") this.#receive(data[0], data.slice(1));
        else this.#receive("4", new Uint8Array(data));
      } catch (error) {
        this.lose("parse error", String(error), error);
      }
    };
    ws.onclose = ws.onerror = (event: Event & Partial<CloseEvent>) => {
      const type = event.type as "close" | "error";
      this.lose(`transport ${type}`, `websocket ${event.reason || event.code || type}`, event);
    };
    if (timeout) this.#expire(timeout);
  }

  get idle(): boolean {
    return this.#ws.bufferedAmount < IDLE_BYTES;
  }

  /** Also finds it dead: a machine that slept may not have run the timer yet. */
  isAlive(): boolean {
    if (Date.now() - this.#since > this.#limitMs) this.#dead();
    return !!this.#listener;
  }

  expectLife(): void {
    if (this.#limitMs > SIGN_OF_LIFE_MS) this.#expire(SIGN_OF_LIFE_MS);
  }

  send(frames: readonly Frame[]): void {
    for (const frame of frames)
      this.#ws.send(typeof frame === "string" ? `4${frame}` : (frame as Uint8Array<ArrayBuffer>));
  }

  blame(): boolean {
    return this.#limitMs < this.#patience;
  }

  release(): void {
    this.#listener = undefined;
    clearTimeout(this.#timer);
    this.#ws.close();
  }

  readonly lose: End = (reason, description, context) => {
    const listener = this.#listener;
    this.release();
    if (this.#patience) listener?.closed(reason, description, context);
    else listener?.failed(transportError(description, context));
  };

  /** An engine packet, whose types are digits. SPEC E1. */
  #receive(type: string | undefined, data: Frame): void {
    const listener = this.#listener;
    if (type === "0") {
      const { pingInterval, pingTimeout, maxPayload, ext } = JSON.parse(data as string) as Handshake;
      this.maxPayload = maxPayload;
      this.ext = ext;
      this.#patience = Math.min(pingInterval + pingTimeout, LONGEST_DELAY);
    }
    this.#expire(this.#patience);
    if (type === "0") listener?.opened();
    if (type === "1") this.lose("transport close", "");
    if (type === "2") this.#ws.send("3");
    if (type === "4") listener?.frame(data);
  }

  #expire(afterMs: number): void {
    this.#limitMs = afterMs;
    this.#since = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dead(), afterMs);
  }

  #dead(): void {
    this.lose("ping timeout", `silent for ${this.#limitMs} ms`);
  }
}
