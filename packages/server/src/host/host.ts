import type { Frame } from "@bowline/protocol";

/**
 * The seam to an HTTP server. *The host calls the engine*: a request comes in, its answer goes out, late if it is a
 * long poll. Implemented by host-node and host-uws; called by `Server`. Rules H1 to H12 of SPEC.md; the suite in
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
  /** After which an upgrade to a path that nobody answers is cut. Milliseconds, or `false` to leave it alone. */
  readonly destroyUpgradeAfterMs: number | false;
  /** What fails without a peer or a caller to tell. */
  onError(error: unknown): void;
}

export interface HostLink {
  /** Stops listening and lets go of the native server. Peers are closed by the engine before. */
  stop(): Promise<void>;
}

/** Implemented by the engine. Neither method throws or rejects (H5). */
export interface HostHandler {
  request(request: HostRequest): HostResponse | Promise<HostResponse>;
  upgrade(request: HostRequest): Upgrade | Promise<Upgrade>;
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
  /** The whole body; once. Rejects with `payload_too_large`, or with `transport_failed` when the peer left. */
  body(): Promise<Uint8Array>;
}

/** The host adds `Content-Length`. */
export interface HostResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export type Upgrade =
  | {
      readonly accept: true;
      readonly headers?: Readonly<Record<string, string>>;
      /** The peer may be used from here on. Not called when the peer left on the way. */
      open(peer: WebSocketPeer): WebSocketListener;
    }
  | { readonly accept: false; readonly response: HostResponse };

/** One WebSocket of the host. After `closed` was reported, or `terminate` called, every method does nothing (H7). */
export interface WebSocketPeer {
  /** Bytes that were sent and did not leave yet. */
  readonly bufferedAmount: number;
  /**
   * Frames leave in the order of the calls; those of one turn of the event loop leave in one write (H8). Bytes are the
   * host's from here on: nobody changes them. The same frame for many peers is encoded once.
   */
  send(frame: Frame): void;
  /** An orderly close: what was sent before still leaves. */
  close(code: number, reason: string): void;
  /** Cuts the link now. */
  terminate(): void;
}

export interface WebSocketListener {
  /** Bytes are the listener's own. Text is valid UTF-8 (the host refuses other). */
  message(frame: Frame): void;
  /** `bufferedAmount` is back to nothing after it was more. */
  drain(): void;
  /** Exactly once, and last (H4). 1006 when there was no close frame. `error` when the peer or the link broke a rule. */
  closed(code: number, error?: Error): void;
}
