import type { EnginePacket } from "@bowline/protocol";
import { RecoveryJournal } from "./recovery-journal.ts";
import type { LogEntry, RecoveryLog } from "./recovery-log.ts";
import type { SessionOwner, SessionRest, SocketSession } from "./recovery-store.ts";

type State =
  /** A socket has it. */
  | { readonly name: "attached"; readonly owner: SessionOwner }
  /** Its client is away: since when, in time and in events, and what it left. */
  | {
      readonly name: "detached";
      readonly at: number;
      readonly number: number;
      readonly rooms: ReadonlySet<string>;
      readonly data: unknown;
    }
  | { readonly name: "ended" };

/**
 * What outlives a connection: a socket's id, rooms and data, and how to tell what its client missed.
 *
 *     attached ── the link broke ──► detached ── the client came back ──► attached
 *        └──── someone disconnected ────┴── too long, or something for it was dropped ──► ended
 */
export class RecoverySession implements SocketSession {
  readonly pid: string;
  readonly id: string;
  /** The offset that the client came with, and still has while it received nothing. */
  readonly #firstOffset: string | undefined;
  readonly #log: RecoveryLog;
  readonly #journal: RecoveryJournal;
  /** What was sent before is not for it. */
  readonly #start: number;
  /** The last event that was sent to it, replays included. */
  #sent: number;
  /** Nothing was sent to it between the first and the second, the third and the fourth, and so on. */
  #quiet: number[] = [];
  /** The log's age when something was sent last. */
  #sentAge: number;
  /** Of the last connection that it was on. */
  #connectionNumber: number;
  #state: State;

  constructor(pid: string, owner: SessionOwner, log: RecoveryLog, firstOffset: string | undefined) {
    this.pid = pid;
    this.id = owner.id;
    this.#log = log;
    this.#journal = new RecoveryJournal(log);
    this.#firstOffset = firstOffset;
    this.#start = log.last;
    this.#sent = log.last;
    this.#sentAge = log.age;
    this.#connectionNumber = owner._connectionNumber;
    this.#state = { name: "attached", owner };
  }

  /** The socket that has it now. */
  get owner(): SessionOwner | undefined {
    return this.#state.name === "attached" ? this.#state.owner : undefined;
  }

  /** Since when its client is away; not if it is here. */
  get awaySince(): { readonly at: number; readonly number: number } | undefined {
    return this.#state.name === "detached" ? this.#state : undefined;
  }

  get rest(): SessionRest | undefined {
    if (this.#state.name === "ended") return undefined;
    const { rooms, data } = this.#state.name === "attached" ? this.#state.owner : this.#state;
    return { id: this.id, rooms, data };
  }

  changed(owner: SessionOwner, room: string, joined: boolean): void {
    if (this.owner === owner) this.#journal.add(room, joined);
  }

  sent(number: number): void {
    if (number <= this.#sent) return; // again
    // A pause for each age is enough: what lies in the same age is dropped at about the same time.
    if (this.#sentAge !== this.#log.age) this.#pause(number);
    this.#sent = number;
  }

  /** Its client has given up that connection, and came back on another. */
  isPast(connectionNumber: number): boolean {
    return connectionNumber < this.#connectionNumber;
  }

  attach(owner: SessionOwner): void {
    if (this.#state.name !== "detached") return;
    this.#connectionNumber = owner._connectionNumber;
    const { rooms } = this.#state;
    // A middleware may have let it join or leave some.
    for (const room of owner.rooms) if (!rooms.has(room)) this.#journal.add(room, true);
    for (const room of rooms) if (!owner.rooms.has(room)) this.#journal.add(room, false);
    this.#state = { name: "attached", owner };
  }

  /** What its socket had when it was lost is what its client gets back. */
  detach(now: number): void {
    if (this.#state.name !== "attached") return;
    const { rooms, data } = this.#state.owner;
    this.#state = { name: "detached", at: now, number: this.#log.last, rooms, data };
  }

  end(): void {
    this.#state = { name: "ended" };
  }

  /** Whether the event was, or would have been, for it, now that it is away. */
  isMeantBy(entry: LogEntry): boolean {
    return this.#state.name === "detached" && isFor(entry, this.id, this.#state.rooms);
  }

  /**
   * What its client missed, in order, if that is all there; `offset` is what the client had last, in number and text.
   * The numbers of what it gives count as sent.
   */
  replay(
    offset: string | undefined,
    numberOf: (offset: string) => number | undefined,
  ): EnginePacket[] | undefined {
    const begin = this.#beginOf(offset, numberOf);
    if (begin === undefined || this.#state.name === "ended") return undefined;
    const packets: EnginePacket[] = [];
    const { rooms } = this.#state.name === "attached" ? this.#state.owner : this.#state;
    const roomsOf = this.#journal.roomsAfter(begin, rooms);
    this.#log.eachAfter(begin, (number, entry) => {
      if (!isFor(entry, this.id, roomsOf(number))) return;
      packets.push(...entry.packets);
      this.sent(number);
    });
    return packets;
  }

  /** Whether `replay` would give something. */
  isComplete(offset: string | undefined, numberOf: (offset: string) => number | undefined): boolean {
    return this.#beginOf(offset, numberOf) !== undefined;
  }

  /** The number behind which everything that the client misses lies; none if something of it may be gone. */
  #beginOf(offset: string | undefined, numberOf: (offset: string) => number | undefined): number | undefined {
    const named = offset === undefined || offset === this.#firstOffset ? this.#start : numberOf(offset);
    if (named === undefined) return undefined;
    const received = Math.max(named, this.#start);
    const begin = this.#skipQuiet(received);
    const { first } = this.#log;
    // What went since it is away, and was for it, ended it; the rest is of no concern.
    const isSafe = begin >= first - 1 || received >= this.#sent;
    return isSafe && begin >= this.#journal.knownFrom ? begin : undefined;
  }

  /** As far as it is known that nothing was for it. */
  #skipQuiet(received: number): number {
    if (received >= this.#sent) return Math.max(received, this.awaySince?.number ?? this.#log.last);
    for (let pause = 0; pause < this.#quiet.length; pause += 2) {
      const [after = 0, until = 0] = this.#quiet.slice(pause, pause + 2);
      if (received >= after && received < until) return until - 1;
    }
    return received;
  }

  #pause(number: number): void {
    this.#sentAge = this.#log.age;
    // Those that end before the log begins help nobody any more.
    while ((this.#quiet[1] ?? Infinity) < this.#log.first) this.#quiet.splice(0, 2);
    this.#quiet.push(this.#sent, number);
  }
}

function isFor(entry: LogEntry, id: string, rooms: ReadonlySet<string>): boolean {
  if (entry.onlyId !== undefined) return entry.onlyId === id;
  if (entry.senderId === id) return false;
  const isIn = (room: string): boolean => rooms.has(room);
  return (entry.rooms.length === 0 || entry.rooms.some(isIn)) && !entry.except.some(isIn);
}
