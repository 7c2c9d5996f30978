import type { Base64, Frame } from "@bowline/protocol";
import type { Timers } from "@bowline/protocol/internal";

/**
 * All that the client needs of the place it runs in. Made by `envFor` of env-browser and env-node, chosen by export
 * conditions, for each manager; tests, and runtimes that are neither, hand in their own with the option `env`.
 */
export interface Env extends Timers {
  /** 0 <= n < 1 */
  random(): number;
  /** Letters that nobody can guess: of 128 bits, 22 at least. */
  secret(): string;
  /**
   * Epoch milliseconds: for what people read, and for noticing that the machine slept, which many a monotonic clock
   * does not.
   */
  wallClock(): number;
  /** MUST NOT call the listener before it returned. May throw, on a URL or headers that cannot be. */
  openWebSocket(url: string, options: LinkOptions, listener: WebSocketListener): WebSocketLink;
  /** Rejects with why there was no answer; an answer with whatever status resolves. */
  fetch(url: string, init: FetchInit, options: LinkOptions): Promise<FetchAnswer>;
  /** Calls back when one of these happens to the page; returns how to stop. Never calls on Node. */
  onPage(events: readonly PageEvent[], listener: (event: PageEvent) => void): () => void;
  /**
   * What managers know of ways to their servers: in a page its session's storage, which a reload leaves. Writing may
   * throw.
   */
  readonly memory: Record<string, string | undefined>;
  /** What it decodes has the shape that this place's programs expect: a Buffer on Node. */
  readonly base64: Base64;
  /** The origin of the page, for `io()` without a URL; `undefined` outside a page. */
  readonly pageUrl: string | undefined;
  /** An error of user code that nobody takes: reported as the place reports uncaught ones. */
  reportError(error: unknown): void;
}

/** What an environment is made for. */
export interface PlaceOptions {
  /** Timers as they are when the client is loaded, whatever is put in their place later. Default false. */
  readonly useNativeTimers?: boolean | undefined;
  /** The client keeps no process alive; Node only. Default false. */
  readonly autoUnref?: boolean | undefined;
}

/**
 * The network came, went, or is another one (`change`, of `navigator.connection`); the page is looked at again
 * (`visibilitychange`, only then), or back from where it was kept (`pageshow`, `resume`), or about to go (`pagehide`,
 * only for good).
 */
export type PageEvent =
  | "online"
  | "offline"
  | "change"
  | "visibilitychange"
  | "pageshow"
  | "resume"
  | "pagehide"
  | "beforeunload";

export interface LinkOptions extends PlaceOptions, NodeOptions {
  /** Extra request headers; a browser cannot send them with a WebSocket and ignores them there. */
  readonly extraHeaders: Readonly<Record<string, string>>;
  readonly withCredentials: boolean;
  /** Subprotocols of WebSockets. */
  readonly protocols?: string | string[] | undefined;
}

/**
 * What only Node can do: `agent`, and what `tls.connect` and `ws` take. Browsers take no notice, so that a page and a
 * server may share their options.
 */
export interface NodeOptions {
  readonly agent?: unknown;
  readonly pfx?: unknown;
  readonly key?: unknown;
  readonly passphrase?: string | undefined;
  readonly cert?: unknown;
  readonly ca?: unknown;
  readonly ciphers?: string | undefined;
  /** Default true. */
  readonly rejectUnauthorized?: boolean | undefined;
  readonly checkServerIdentity?: unknown;
  readonly localAddress?: string | undefined;
  /** Of IP: 4 or 6. */
  readonly family?: number | undefined;
  /** Compression of WebSocket messages; costs memory per connection. Default false. */
  readonly perMessageDeflate?: boolean | { readonly threshold?: number } | undefined;
}

export interface FetchInit {
  readonly method: "GET" | "POST";
  readonly body: string | null;
  /** Aborting rejects the promise. */
  readonly signal: AbortSignal;
  /**
   * Makes it a request for server-sent events: gets the text of an answer 200 as it comes, and the answer, when that is
   * complete, has none. One that breaks off rejects.
   */
  readonly onText?: ((text: string) => void) | undefined;
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
