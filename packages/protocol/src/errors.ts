import type { Untyped } from "./events.ts";

/** What a middleware refuses with; `data` goes to the client, which gets it in `connect_error`. */
export interface ExtendedError extends Error {
  data?: Untyped;
}

/**
 * Why something failed. A closed list: code may switch over it.
 *
 * - `bad_packet`, `payload_too_large`, `bad_handshake`: what the peer sent breaks the protocol or a limit.
 * - `invalid_argument`, `reserved_event`, `unserializable`: what the caller passed cannot be done; thrown at once.
 * - `ack_timeout`, `disconnected`: an answer that did not come in time, or cannot come any more.
 * - `handler_failed`: the peer's handler threw or rejected before it answered.
 * - `reply_lost`: the link broke, and an answer that may have been given cannot be had any more.
 * - `queue_full`: more waits to be confirmed than is kept; nothing was sent.
 * - `unanswered`: a client waits for an answer, and nobody listens to its event.
 * - `refused`: a middleware, or the server, said no to a connection.
 * - `transport_failed`: the network, or something on the way, broke the link.
 * - `listen_failed`: the server could not listen.
 */
export type ErrorCode =
  | "bad_packet"
  | "payload_too_large"
  | "bad_handshake"
  | "invalid_argument"
  | "reserved_event"
  | "unserializable"
  | "ack_timeout"
  | "disconnected"
  | "handler_failed"
  | "reply_lost"
  | "queue_full"
  | "unanswered"
  | "refused"
  | "transport_failed"
  | "listen_failed";

export interface RealtimeErrorOptions {
  readonly cause?: unknown;
  /** What the other side sent along, as with `next(err)` in a middleware. */
  readonly data?: unknown;
}

/**
 * Every error that Bowline throws, rejects with, or reports. The message says what happened and, where the caller can
 * mend it, how; `code` is for programs. As in Node's own errors the code shows in the stack's first line.
 */
export class RealtimeError extends Error {
  readonly code: ErrorCode;
  /** Data that the other side sent along with a refusal; `undefined` otherwise. */
  readonly data: Untyped;

  constructor(code: ErrorCode, message: string, options: RealtimeErrorOptions = {}) {
    super(message, options); // which takes the cause only if there is one
    this.name = `RealtimeError [${code}]`;
    this.code = code;
    this.data = options.data;
  }

  /** The error itself when it is one of ours, else one of ours around it. */
  static from(error: unknown, code: ErrorCode, message: string): RealtimeError {
    return error instanceof RealtimeError ? error : new RealtimeError(code, message, { cause: error });
  }
}
