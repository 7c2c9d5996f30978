import {
  type EnginePacket,
  type Frame,
  type Handshake,
  parseHandshake,
  RealtimeError,
  type ReconnectReason,
} from "@bowline/protocol";

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
 * Carries packets between one session and the server. Implemented by transport-*.ts; made by open.ts and upgrade.ts
 * and handed on to the session. Connects when made. Rules C10 to C15.
 */
export interface Transport {
  readonly name: TransportName;
  /** Whoever has the transport in hand; swapped on the way. MUST NOT be called before the constructor returned. */
  listener: TransportListener;
  /** Whether `send` may be called. */
  readonly writable: boolean;
  /** Whether what is sent now leaves now; a volatile packet that would wait is dropped instead. */
  readonly idle: boolean;
  /** The server named the session. */
  begin?(handshake: Handshake): void;
  /** Takes as many packets as it can, at least the first, and says how many; in order. Only while `writable`. */
  send(packets: readonly EnginePacket[]): number;
  /** MUST NOT call the listener again. What a WebSocket was given is still sent. */
  close(): void;
}

export interface TransportListener {
  packet(packet: EnginePacket): void;
  /** Became writable, for the first time or again. */
  drain(): void;
  /** Once, and last. */
  close: End;
}

/** A transport that can come to rest so that another takes over without a packet lost or overtaken. */
export interface PausableTransport extends Transport {
  /**
   * Finishes what is under way and begins nothing. `rested` when all that was sent has reached the server, `over` when
   * nothing more comes from it, in this order; either may be called at once.
   */
  pause(rested: () => void, over: () => void): void;
  /** Takes a pause back, also one that is not complete. */
  resume(): void;
}

/** What `read` makes of something from the server; when it throws, that is the end, and there is nothing. */
export function readOr<Value>(end: End, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    end("parse error", String(error), error);
    return undefined;
  }
}

/** What the server must say first. @throws RealtimeError `bad_handshake` */
export function parseOpen(packet: EnginePacket): Handshake {
  if (packet.type === "open") return parseHandshake(packet.data);
  throw new RealtimeError("bad_handshake", `got "${packet.type}" before "open"`);
}

/** Of text as UTF-8. */
export function byteLength(frame: Frame): number {
  return typeof frame === "string" ? new TextEncoder().encode(frame).length : frame.length;
}

/** For who has nothing to undo, or to say. */
export function nothing(): void {}
