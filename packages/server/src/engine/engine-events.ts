import type { Untyped } from "@bowline/protocol";
import type { EngineIncoming } from "./incoming.ts";
import type { Session } from "./session.ts";
import type { OutgoingPacket } from "./transport.ts";
import type { RefusalCode } from "./verify.ts";

/** What `headers` and `initial_headers` may change: texts, or lists of them. Listeners say so in many ways. */
export type MutableHeaders = Record<string, Untyped>;

export interface ConnectionError {
  readonly req: EngineIncoming;
  readonly code: RefusalCode;
  readonly message: string;
  /** What there is to say besides; its `name`, if it has one, tells refusals of one code apart. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** The events of `io.engine`, as Engine.IO has them. */
export interface EngineEvents {
  connection(session: Session): void;
  /** A request was refused. */
  connection_error(error: ConnectionError): void;
  /** Before the first answer to a peer; the headers may be changed. */
  initial_headers(headers: MutableHeaders, request: EngineIncoming): void;
  /** Before every answer with something in it, and before a WebSocket opens; the headers may be changed. */
  headers(headers: MutableHeaders, request: EngineIncoming): void;
  /** These packets leave a session now. */
  flush(session: Session, packets: readonly OutgoingPacket[]): void;
  drain(session: Session): void;
}
