import {
  type EnginePacket,
  type Frame,
  type Handshake,
  parseHandshake,
  RealtimeError,
  type ReconnectReason,
} from "@bowline/protocol";
import { EXTRAS } from "#extras";

export type TransportName = "websocket" | "sse" | "polling";

/** What happened to a connection, in words, and what the platform said of it. */
export interface DisconnectDetails {
  readonly description: string;
  /** A WebSocket's `{ code, reason }`, a request's `{ status, text }`, or an error. */
  readonly context?: unknown;
}

/** A connection ends, for a reason after which it is made again; with what becomes the `DisconnectDetails`. */
export type End = (reason: ReconnectReason, description: string, context?: unknown) => void;

/**
 * Carries packets between one session and the server. Implemented by transport-*.ts; made by open.ts, session.ts and
 * upgrade.ts, and heard by the session in the end. Connects when made. Rules C10 to C15.
 */
export interface Transport {
  readonly name: TransportName;
  /** Whoever has the transport in hand; swapped on the way. MUST NOT be called before the constructor returned. */
  listener: TransportListener;
  /** Whether `send` may be called. */
  readonly writable: boolean;
  /** Whether what is sent now leaves now; a volatile packet that would wait is dropped instead. */
  readonly idle: boolean;
  /** Takes as many packets as it can, at least the first, and says how many; in order. Only while `writable`. */
  send(packets: readonly EnginePacket[]): number;
  /** MUST make the listener `DEAF`. What a WebSocket was given is still sent. */
  close(): void;
}

export interface TransportListener {
  /** From the server; what this throws ends the transport as malformed. */
  receive(packet: EnginePacket): void;
  /** Is writable, for the first time or again. */
  drain(): void;
  /** Once, and last. */
  readonly lose: End;
}

/** A transport that can come to rest so that another takes over without a packet lost or overtaken. */
export interface PausableTransport extends Transport {
  /**
   * Finishes what is under way and begins nothing. Calls back when all that was sent has reached the server, and last when
   * nothing more comes from there either (`isOver`); it may do so at once.
   */
  pause(rested: (isOver: boolean) => void): void;
  /** Takes a pause back, also one that is not complete. */
  resume(): void;
}

/** What a session does until it is open, or beside its being open. */
export interface UnderWay {
  /** Tries now what waits, because the network is another one. */
  again?(): void;
  /** Ends it, and what is in its hand. */
  cancel(): void;
}

/** Of a transport that is closed. */
export const DEAF: TransportListener = { receive: nothing, drain: nothing, lose: nothing };

/** Closes the transport, and says why to who has it in hand. */
export function end(transport: Transport, ...why: Parameters<End>): void {
  const { listener } = transport;
  transport.close();
  listener.lose(...why);
}

/** Takes what came from the server. What throws over it shows that it is malformed. */
export function take(transport: Transport, how: () => void): void {
  try {
    how();
  } catch (error) {
    end(transport, "parse error", String(error), error);
  }
}

/** What the server must say first. @throws RealtimeError `bad_handshake` */
export function parseOpen({ type, data }: EnginePacket): Handshake {
  if (EXTRAS) {
    if (type !== "open") throw new RealtimeError("bad_handshake", `got "${type}" before "open"`);
    return parseHandshake(data);
  }
  // In what else there may be is nothing that is needed.
  const handshake = JSON.parse(data as string) as Handshake;
  if (!(handshake.pingInterval > 0)) throw new RealtimeError("bad_handshake", "");
  return handshake;
}

/** Of text as UTF-8. */
export function byteLength(frame: Frame): number {
  return typeof frame === "string" ? new TextEncoder().encode(frame).length : frame.length;
}

/** For who has nothing to undo, or to say. */
export function nothing(): void {}
