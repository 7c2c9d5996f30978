import type { Base64, Frame } from "@bowline/protocol";
import type { Timers } from "@bowline/protocol/internal";

/**
 * All that the client needs of the place it runs in. Implemented by env-browser and env-node, chosen by export
 * conditions; tests, and runtimes that are neither, hand in their own with the option `env`.
 */
export interface Env extends Timers {
  /** 0 <= n < 1 */
  random(): number;
  /**
   * Epoch milliseconds: for what people read, and for noticing that the machine slept, which many a monotonic clock
   * does not.
   */
  wallClock(): number;
  /** MUST NOT call the listener before it returned. May throw, on a URL or headers that cannot be. */
  openWebSocket(url: string, options: LinkOptions, listener: WebSocketListener): WebSocketLink;
  /** Rejects with why there was no answer; an answer with whatever status resolves. */
  fetch(url: string, init: FetchInit): Promise<FetchAnswer>;
  /** Calls back when the machine gains or loses its network; returns how to stop. Never calls on Node. */
  onNetwork(listener: (online: boolean) => void): () => void;
  /** What it decodes has the shape that this place's programs expect: a Buffer on Node. */
  readonly base64: Base64;
  /** The origin of the page, for `io()` without a URL; `undefined` outside a page. */
  readonly pageUrl: string | undefined;
  /** An error of user code that nobody takes: reported as the place reports uncaught ones. */
  reportError(error: unknown): void;
}

export interface LinkOptions {
  /** Extra request headers; a browser cannot send them with a WebSocket and ignores them there. */
  readonly extraHeaders: Readonly<Record<string, string>>;
  readonly withCredentials: boolean;
}

export interface FetchInit extends LinkOptions {
  readonly method: "GET" | "POST";
  readonly body: string | null;
  /** Aborting rejects the promise. */
  readonly signal: AbortSignal;
}

export interface FetchAnswer {
  readonly status: number;
  readonly text: string;
}

export interface WebSocketLink {
  send(frame: Frame): void;
  /** Bytes handed over and not sent. */
  readonly bufferedAmount: number;
  /** Sends what was handed over, then closes. The listener may still be called, and takes no notice. */
  close(): void;
}

export interface WebSocketListener {
  open(): void;
  message(frame: Frame): void;
  /** Once, and last; also when it never opened. With an error when the place reported one. */
  close(code: number, reason: string, error?: unknown): void;
}
