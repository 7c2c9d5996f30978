import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Frame } from "@bowline/protocol";

export type { IncomingMessage, ServerResponse } from "node:http";

/**
 * The seam to an HTTP server. *The host calls the engine*: a request comes in, its answer goes out, late if it is a
 * long poll. Implemented by host-node and host-uws; called by `Server`. Rules H1 to H39 of SPEC.md; the suite in
 * `testing/host.suite.ts` runs on every host.
 */
export interface Host {
  /** What people see in `io.ready` and in the logs. */
  readonly name: string;
  /** Begins to answer `options.path`. MUST leave every other path to whoever has it. Called once. */
  start(handler: HostHandler, options: HostOptions): HostLink;
}

export interface HostOptions {
  /** Without a trailing slash; the host answers `path` and `path/`. */
  readonly path: string;
  /** Bytes; the largest message and the largest request body. */
  readonly maxPayload: number;
  /** Paths below `path` that are the handler's as well: `/socket.io/socket.io.js`. */
  readonly files?: readonly string[];
  /** Per-message deflate of RFC 7692, if the peer offers it. Default none. */
  readonly compression?: Compression | undefined;
  /** After which an upgrade to a path that nobody answers is cut. Milliseconds, or `false` to leave it alone. */
  readonly destroyUpgradeAfterMs: number | false;
  /** What fails without a peer or a caller to tell. */
  onError(error: unknown): void;
}

export interface Compression {
  /** Messages of fewer bytes leave as they are. */
  readonly threshold: number;
  /** What the native server calls its own settings: ws's `perMessageDeflate`. */
  readonly native?: Readonly<Record<string, unknown>>;
}

export interface HostLink {
  /** Stops listening and lets go of the native server. Peers are closed by the engine before. */
  stop(): Promise<void>;
}

/** Takes what somebody else's routes of node:http lead to. Implemented by host-node, called through `Engine`. */
export interface HttpDoor {
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void;
}

/** Implemented by the engine. Neither method throws or rejects (H5). */
export interface HostHandler {
  request(request: HostRequest): HostResponse | Promise<HostResponse>;
  upgrade(request: HostRequest): Upgrade | Promise<Upgrade>;
  /** The native server was closed by somebody else, and its connections are over. */
  hostClosed?(): void;
}

/** An owned copy of what the peer asked for: valid for as long as anybody keeps it (H1). */
export interface HostRequest {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  /** What stands behind the `?`, raw. */
  readonly query: string;
  /** Names in lower case, in a record without a prototype; repeated ones joined as Node joins them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  /** Whether the peer came over TLS that this host ended itself. */
  readonly secure: boolean;
  /**
   * The peer left before it had its answer; called at once if it has left already. A callback, because an AbortSignal
   * per request is dear. One listener.
   */
  onAbort(listener: () => void): void;
  /**
   * The request as node:http has it: its own object, or a copy in the same shape that is made when first asked for and has
   * no body. For Express middleware, and for who reads `socket.request`.
   */
  readonly incoming: IncomingMessage;
  /** The same, if there is such an object already. */
  readonly native: IncomingMessage | undefined;
  /**
   * The response to `incoming`. Once somebody looked at it the host answers through it, so that what a middleware put
   * there, or wrapped around `writeHead` and `end`, takes part; if it is ended by the middleware, that is the answer, and
   * what the handler says is dropped. For an upgrade its headers go into the answer 101.
   */
  readonly outgoing: ServerResponse;
  /** The whole body; once. Rejects with `payload_too_large`, or with `transport_failed` when the peer left. */
  body(): Promise<Uint8Array>;
}

/** Several values are several lines, as `Set-Cookie` wants it. */
export type HostHeaders = Readonly<Record<string, string | readonly string[]>>;

/** The host adds `Content-Length`, where there is a whole body. */
export interface HostResponse {
  readonly status: number;
  readonly headers?: HostHeaders;
  readonly body?: string | Uint8Array;
  /**
   * In place of a body: the answer is whole when the stream is ended. Not called when the peer has left by then
   * (`onAbort` tells), and for HEAD.
   */
  readonly open?: (stream: HostStream) => HostStreamListener;
  /** The host compresses the body so, off the event loop, and adds `Content-Encoding`. */
  readonly encoding?: ContentEncoding;
}

/**
 * The body of an answer that goes on. After `terminate` was called, or `closed` reported, every method does nothing; after
 * `end` only `terminate` does something (H23).
 */
export interface HostStream {
  /** Bytes that were written and did not leave yet. */
  readonly bufferedAmount: number;
  /** Texts leave in the order of the calls, those of one turn of the event loop in one write; the head with the first. */
  write(text: string): void;
  /** What waits for the end of the turn leaves now. Only for who must know whether the peer takes it. */
  flush?(): void;
  /** What was written still leaves. A peer that does not take it is cut after a while. */
  end(): void;
  /** Cuts the link now. */
  terminate(): void;
}

export interface HostStreamListener {
  /** `bufferedAmount` is back to nothing after it was 64 KiB or more; from some hosts after less, too. */
  drain(): void;
  /** The answer is over, whether it was ended or broke off: exactly once, last, and never from inside a call. */
  closed(): void;
}

export interface ContentEncoding {
  readonly name: "gzip" | "deflate" | "br";
  /** As node:zlib takes them. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export type Upgrade =
  | {
      readonly accept: true;
      readonly headers?: HostHeaders;
      /** The peer may be used from here on. Not called when the peer left on the way. */
      open(peer: WebSocketPeer): WebSocketListener;
    }
  | { readonly accept: false; readonly response: HostResponse };

/** One WebSocket of the host. After `closed` was reported, or `terminate` called, every method does nothing (H7). */
export interface WebSocketPeer {
  /** Bytes that were sent and did not leave yet. */
  readonly bufferedAmount: number;
  /**
   * Frames leave in the order of the calls; those of one turn of the event loop leave in one write (H8, H30). Bytes are the
   * host's from here on: nobody changes them. The same frame for many peers is encoded once.
   */
  send(frame: Frame, options?: SendOptions): void;
  /** What waits for the end of the turn leaves now. Only for who must know whether the peer takes it. */
  flush?(): void;
  /** An orderly close: what was sent before still leaves. */
  close(code: number, reason: string): void;
  /** Cuts the link now. */
  terminate(): void;
}

export interface SendOptions {
  /** Default true, where compression was agreed on. */
  readonly compress?: boolean | undefined;
  /** The frame is with the operating system. Not called if it never gets there. */
  readonly sent?: (() => void) | undefined;
}

export interface WebSocketListener {
  /** Bytes are the listener's own. Text is valid UTF-8 (the host refuses other). */
  message(frame: Frame): void;
  /** `bufferedAmount` is back to nothing after it was more. */
  drain(): void;
  /** Exactly once, and last (H4). 1006 when there was no close frame. `error` when the peer or the link broke a rule. */
  closed(code: number, error?: Error): void;
}
