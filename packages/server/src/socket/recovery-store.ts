import type { CloseReason, EnginePacket } from "@bowline/protocol";
import type { EventData, SendFlags } from "./arguments.ts";
import type { Member } from "./member.ts";

/** Whom an event is for, as it is kept. */
export interface LogTarget {
  /** Their union; none means the whole namespace. */
  readonly rooms: readonly string[];
  readonly except: readonly string[];
  /** The id of a socket that is left out, whatever its rooms. */
  readonly senderId: string | undefined;
  /** The id of the one socket that it is for, whatever its rooms. */
  readonly onlyId: string | undefined;
}

/** An event as it leaves. */
export interface Recorded {
  readonly packets: readonly EnginePacket[];
  /** What the packets say: the offset is in it. */
  readonly data: EventData;
  /** Its place in the log, if it was kept. */
  readonly number: number | undefined;
}

/** Keeps what a namespace sends. Implemented by `Recovery`, called by `Fanout`. */
export interface Recorder {
  /**
   * An event that wants no answer, encoded, its offset behind its arguments.
   * @throws RealtimeError `unserializable`
   */
  record(target: LogTarget, data: EventData, isVolatile: boolean): Recorded;
}

/**
 * Knows the clients of a namespace that may come back. Implemented by `Recovery`, in memory, and by the bridge to
 * adapters that were made for Socket.IO (`persistSession`, `restoreSession`); called by `Namespace` and `Socket`.
 */
export interface SessionStore {
  /** Whether the middleware is not asked about who comes back. */
  readonly skipsMiddleware: boolean;
  /** Somebody may come back. */
  readonly isBusy: boolean;
  /**
   * Looks for what a client names in its CONNECT. MUST change nothing: the middleware may say no. A promise MUST NOT
   * reject.
   */
  find(
    pid: string,
    offset: string | undefined,
    connectionNumber: number,
  ): SessionClaim | Promise<SessionClaim | undefined> | undefined;
  /** The socket was let in, and nothing goes on. `offset` is what the client still has from before. */
  open(owner: SessionOwner, offset: string | undefined): SocketSession;
  /** An event for one client that wants no answer; `owner` may have lost it, and another socket may have it now. */
  emit(session: SocketSession, owner: SessionOwner, data: EventData, flags: SendFlags): void;
  /** The socket is gone, but for its rooms: keeps what goes on when its client comes back, or, after other reasons, ends it. */
  close(session: SocketSession, owner: SessionOwner, reason: CloseReason): void;
  /** The server closes. */
  stop(): void;
}

/** A socket as its session sees it. Implemented by `Socket`. */
export interface SessionOwner extends Member {
  /** @internal The client came back on another connection: ends the socket, and the connection it was on. */
  _takenOver(): void;
  /** @internal Grows from connection to connection: a client opens one only when it has given up the last. */
  readonly _connectionNumber: number;
  /** @internal Waits for the middleware, and its connection is open. */
  readonly _isConnecting: boolean;
}

type RestOwner = Pick<Member, "join" | "leave" | "data">;

/** What goes on when a client comes back. */
export interface SessionRest {
  readonly id: string;
  readonly rooms: ReadonlySet<string>;
  readonly data: unknown;
}

/** What a socket has of the session that it is in. */
export interface SocketSession {
  /** Secret: who has it is the client. */
  readonly pid: string;
  /** The event of that number goes out to the socket. */
  sent(number: number): void;
  /** `owner` joined or left a room. */
  changed(owner: SessionOwner, room: string, joined: boolean): void;
}

/** What a client that came back asks for. */
export interface SessionClaim {
  /** What the new socket gets; nothing if it is known that not everything that was missed is there. */
  readonly rest: SessionRest | undefined;
  /**
   * The new socket was let in and is the owner from now on; the socket that was it, if there still was one, is closed
   * before this returns. Nothing if something is missing by now: then the client is a new one. Nothing either if
   * the new one is gone or comes late, on a connection that its client gave up for another: then it is closed.
   */
  take(owner: SessionOwner): Resumed | undefined;
}

export interface Resumed {
  readonly session: SocketSession;
  /** What was missed, in order; sent right behind CONNECT. */
  readonly missed: readonly EnginePacket[];
}

/**
 * After these a client comes back by itself, and may go on. SPEC R4. Not after `parse error`, nor when someone left on
 * purpose.
 */
const RESTORABLE: ReadonlySet<CloseReason> = new Set<CloseReason>([
  "transport error",
  "transport close",
  "forced close",
  "ping timeout",
  "server shutting down",
  "forced server close",
]);

export function isRestorable(reason: CloseReason): boolean {
  return RESTORABLE.has(reason);
}

/** What became of it elsewhere since `owner` was made of it, or it of `owner`; what `owner` changed itself stays. */
export function updateRest(owner: RestOwner, made: SessionRest, now: SessionRest): void {
  for (const room of now.rooms) if (!made.rooms.has(room)) owner.join(room);
  for (const room of made.rooms) if (!now.rooms.has(room)) owner.leave(room);
  if (owner.data === made.data) owner.data = now.data;
}
