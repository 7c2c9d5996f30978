import { type CloseReason, type EnginePacket, RealtimeError } from "@bowline/protocol";
import type { EventData, SendFlags } from "./arguments.ts";
import { uncompressed } from "./compress.ts";
import { type LogEntry, RecoveryLog } from "./recovery-log.ts";
import type { RecoveryOptions } from "./recovery-options.ts";
import { RecoverySession } from "./recovery-session.ts";
import {
  isRestorable,
  type LogTarget,
  type Recorded,
  type Recorder,
  type SessionClaim,
  type SessionOwner,
  type SessionRest,
  type SessionStore,
  type SocketSession,
  updateRest,
} from "./recovery-store.ts";
import type { RecoverySweep, Swept } from "./recovery-sweep.ts";
import { Rooms } from "./rooms.ts";
import type { Runtime } from "./runtime.ts";

/** What the recovery of all namespaces of a server shares. */
export interface RecoveryHost {
  readonly options: RecoveryOptions;
  readonly sweep: RecoverySweep;
}

/** What recovery needs of a namespace's fan-out. */
interface Encoder {
  /** @throws RealtimeError `unserializable` */
  encode(data: EventData): readonly EnginePacket[];
  /** Whether a socket is in that room, which may be its own. */
  isInhabited(room: string): boolean;
}

const EPOCH_LENGTH = 8;
const RADIX = 36;
/** Of an offset that a client has from elsewhere; ours are shorter, Redis's too. */
const MAX_OFFSET_LENGTH = 64;
/** An event's toJSON may emit, and then this one is no longer the next; but not for ever. */
const MAX_ROUNDS = 8;

/**
 * Connection state recovery of one namespace, in memory (SPEC R1 to R12): the sessions of its sockets, and one log of
 * what was sent, which they share. Everything is synchronous, so nothing can come between what was missed and what is
 * new.
 */
export class Recovery implements SessionStore, Recorder, Swept {
  readonly skipsMiddleware: boolean;
  readonly #host: RecoveryHost;
  readonly #runtime: Runtime;
  readonly #encoder: Encoder;
  readonly #emptied: () => void;
  /** Offsets of other processes and namespaces begin otherwise. */
  readonly #epoch: string;
  readonly #log: RecoveryLog;
  readonly #sessions = new Map<string, RecoverySession>();
  /** Those whose client is away, in the order in which they were left. */
  readonly #away = new Set<RecoverySession>();
  readonly #awayFrom = new Rooms<RecoverySession>();

  /** `emptied` is called when nobody can come back any more. */
  constructor(host: RecoveryHost, runtime: Runtime, encoder: Encoder, emptied: () => void) {
    this.#host = host;
    this.#runtime = runtime;
    this.#encoder = encoder;
    this.#emptied = emptied;
    this.skipsMiddleware = host.options.skipsMiddleware;
    this.#epoch = `${runtime.createId().slice(0, EPOCH_LENGTH)}.`;
    this.#log = new RecoveryLog(host.options.log, (number, entry) => this.#dropped(number, entry));
  }

  get isBusy(): boolean {
    return this.#sessions.size > 0;
  }

  /** What is kept, as far as it is accounted for. */
  get size(): { readonly events: number; readonly bytes: number; readonly away: number } {
    return { events: this.#log.size, bytes: this.#log.bytes, away: this.#away.size };
  }

  /**
   * An event that wants no answer, encoded once, with its place in the log behind its arguments. A volatile one is not
   * kept; if it ends in a string the offset of now comes behind it, or the client would take that string for one.
   * @throws RealtimeError `unserializable`
   */
  record(target: LogTarget, data: EventData, isVolatile: boolean): Recorded {
    if (isVolatile && typeof data.at(-1) !== "string") {
      return { packets: this.#encoder.encode(data), data, number: undefined };
    }
    const isKept = !isVolatile && this.#isMissable(target);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const number = this.#log.last + (isKept ? 1 : 0);
      const stamped: EventData = [...data, this.#offsetOf(number)];
      const packets = this.#encoder.encode(stamped);
      // What encoding calls, a toJSON, may have emitted: that one went first.
      if (number !== this.#log.last + (isKept ? 1 : 0)) continue;
      if (isKept) this.#keep(target, packets);
      return { packets, data: stamped, number: isKept ? number : undefined };
    }
    throw new RealtimeError("unserializable", `the event "${data[0]}" emits others while it is encoded`);
  }

  find(pid: string, offset: string | undefined): SessionClaim | undefined {
    const session = this.#sessions.get(pid);
    if (!session) return undefined;
    const canResume = !this.#isOverdue(session) && session.isComplete(offset, this.#numberOf);
    const rest = canResume ? copy(session.rest) : undefined;
    return {
      rest,
      take: (owner) => {
        const missed = this.#take(session, owner, offset);
        if (!missed) return undefined;
        if (rest) updateRest(owner, rest, session.rest ?? rest);
        session.attach(owner);
        return { session, missed };
      },
    };
  }

  open(owner: SessionOwner, offset: string | undefined): SocketSession {
    const isShort = offset !== undefined && offset.length <= MAX_OFFSET_LENGTH;
    const pid = this.#runtime.createId();
    const session = new RecoverySession(pid, owner, this.#log, isShort ? offset : undefined);
    this.#sessions.set(pid, session);
    return session;
  }

  emit(session: SocketSession, owner: SessionOwner, data: EventData, flags: SendFlags): void {
    const isVolatile = flags.volatile === true;
    const known = this.#sessions.get(session.pid);
    if (!known) return;
    // Another socket may have it by now, and is as good: it is the same client.
    const { owner: receiver } = known;
    if (isVolatile && (receiver !== owner || !receiver._writable)) return;
    const recorded = this.record(only(owner.id), data, isVolatile);
    const { packets, number } = recorded;
    receiver?._sendEncoded({
      packets: flags.compress === false ? packets.map(uncompressed) : packets,
      number,
    });
    // Last: a listener may do anything.
    if (receiver?._hearsAny) receiver._sending(recorded.data);
  }

  close(session: SocketSession, owner: SessionOwner, reason: CloseReason): void {
    const known = this.#sessions.get(session.pid);
    if (known?.owner !== owner) return;
    if (!isRestorable(reason)) return this.#forget(known);
    known.detach(this.#runtime.clock.now());
    this.#away.add(known);
    for (const room of placesOf(known)) this.#awayFrom.add(room, known);
    for (const oldest of this.#away) {
      if (this.#away.size <= this.#host.options.maxSessions) break;
      this.#forget(oldest);
    }
    this.#host.sweep.add(this);
  }

  sweep(now: number): boolean {
    for (const session of this.#away) {
      if (!this.#isOverdue(session)) break;
      this.#forget(session);
    }
    this.#log.expire(now);
    return this.#away.size + this.#log.size > 0;
  }

  /** The server closes: nobody comes back to it. */
  stop(): void {
    for (const session of this.#away) this.#forget(session);
    this.#log.clear();
    this.#host.sweep.remove(this);
  }

  #take(
    session: RecoverySession,
    owner: SessionOwner,
    offset: string | undefined,
  ): readonly EnginePacket[] | undefined {
    // Late, on its way or with the middleware: what it took, the client would never get.
    if (session.isPast(owner._connectionNumber)) {
      owner._takenOver();
      return undefined;
    }
    // Its listeners may do anything; what they emit is part of what is missed.
    session.owner?._takenOver();
    if (!owner._isConnecting || this.#sessions.get(session.pid) !== session) return undefined;
    const missed = this.#isOverdue(session) ? undefined : session.replay(offset, this.#numberOf);
    if (!missed || session.owner) {
      this.#forget(session);
      return undefined;
    }
    this.#returned(session);
    return missed;
  }

  /** Whether anybody could miss it: who is there and may be lost any moment, or who is away. */
  #isMissable({ rooms, onlyId }: LogTarget): boolean {
    if (this.#sessions.size === 0) return false;
    if (rooms.length === 0 || onlyId !== undefined) return true;
    return rooms.some((room) => this.#awayFrom.of(room) !== undefined || this.#encoder.isInhabited(room));
  }

  #keep(target: LogTarget, packets: readonly EnginePacket[]): void {
    this.#log.append({ ...target, packets: packets.map(keep) }, this.#runtime.clock.now());
    this.#host.sweep.add(this);
  }

  /** Who was away when it was sent, and should have got it, cannot go on any more. */
  #dropped(number: number, entry: LogEntry): void {
    for (const session of this.#awayFor(entry)) {
      const since = session.awaySince;
      if (since && since.number < number) {
        if (session.isMeantBy(entry)) this.#forget(session);
      } else if (entry.rooms.length === 0) break; // nor those who left later
    }
  }

  #awayFor({ rooms, onlyId }: LogEntry): Iterable<RecoverySession> {
    if (rooms.length === 0 && onlyId === undefined) return this.#away;
    const found = new Set<RecoverySession>();
    for (const room of onlyId === undefined ? rooms : [onlyId]) {
      for (const session of this.#awayFrom.of(room) ?? []) found.add(session);
    }
    return found;
  }

  #forget(session: RecoverySession): void {
    this.#returned(session);
    session.end();
    this.#sessions.delete(session.pid);
    if (this.#sessions.size > 0) return;
    // Nobody is left who could miss anything.
    this.#log.clear();
    this.#host.sweep.remove(this);
    this.#emptied();
  }

  /** It is not away any more. */
  #returned(session: RecoverySession): void {
    if (!this.#away.delete(session)) return;
    for (const room of placesOf(session)) this.#awayFrom.remove(room, session);
  }

  #isOverdue({ awaySince }: RecoverySession): boolean {
    return awaySince !== undefined && this.#runtime.clock.now() - awaySince.at > this.#host.options.maxAwayMs;
  }

  #offsetOf(number: number): string {
    return this.#epoch + number.toString(RADIX);
  }

  readonly #numberOf = (offset: string): number | undefined => {
    const number = Number.parseInt(offset.slice(this.#epoch.length), RADIX);
    return this.#offsetOf(number) === offset && number >= 0 && number <= this.#log.last ? number : undefined;
  };
}

/** Its rooms, and its own, which it may have left: what is for it alone is found there. */
function placesOf({ id, rest }: RecoverySession): ReadonlySet<string> {
  return new Set([id, ...(rest?.rooms ?? [])]);
}

function copy(rest: SessionRest | undefined): SessionRest | undefined {
  return rest && { ...rest, rooms: new Set(rest.rooms) };
}

function only(id: string): LogTarget {
  return { rooms: [], except: [], senderId: undefined, onlyId: id };
}

/** The application may change its bytes once the event has left. */
function keep(packet: EnginePacket): EnginePacket {
  return packet.type === "message" && typeof packet.data !== "string"
    ? { type: "message", data: new Uint8Array(packet.data) }
    : packet;
}
