import type { EnginePacket } from "@bowline/protocol";
import type { LogTarget } from "./recovery-store.ts";

/** What was sent, and to whom: enough to send it again to who missed it. */
export interface LogEntry extends LogTarget {
  /** The packets that went out; shared, not copied. */
  readonly packets: readonly EnginePacket[];
}

interface Kept extends LogEntry {
  readonly bytes: number;
  readonly at: number;
}

/** A part of the log: so many events, so many bytes, or so long. */
interface Age {
  readonly number: number;
  readonly at: number;
  events: number;
  bytes: number;
}

export interface LogLimits {
  readonly maxBytes: number;
  readonly maxEvents: number;
  /** Older ones are of use to nobody. */
  readonly maxAgeMs: number;
}

/** What an entry costs beside its characters and bytes: itself, its packets, its place. A round figure. */
const ENTRY_BYTES = 512;
/** Below this many dropped places at the front they are left where they are. */
const LEAST_GAP = 1_024;
const AGES = 8;

/**
 * What a namespace sent lately, numbered without holes from 1, so that "everything since number n" is a slice. The
 * oldest go when there are too many, too large or too old ones. A data structure: knows neither time nor sockets.
 */
export class RecoveryLog {
  readonly #limits: LogLimits;
  readonly #dropped: (number: number, entry: LogEntry) => void;
  /** Places at the front are empty after drops, until it is worth moving the rest. */
  #entries: (Kept | undefined)[] = [];
  #gap = 0;
  #last = 0;
  #bytes = 0;
  #age: Age = { number: 0, at: 0, events: 0, bytes: 0 };

  /** `dropped` hears of each entry that goes, the oldest first, before the next call returns; not of `clear`. */
  constructor(limits: LogLimits, dropped: (number: number, entry: LogEntry) => void) {
    this.#limits = limits;
    this.#dropped = dropped;
  }

  /** The number that was given last; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest entry that is kept; one more than `last` when there is none. */
  get first(): number {
    return this.#last + 1 - this.size;
  }

  get size(): number {
    return this.#entries.length - this.#gap;
  }

  /** Accounted, not measured: characters, bytes of attachments, and a round figure for each entry. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Grows by one some eight times before what is appended now is dropped. */
  get age(): number {
    return this.#age.number;
  }

  append(entry: LogEntry, now: number): void {
    const bytes = weigh(entry);
    this.#growOlder(bytes, now);
    this.#entries.push({ ...entry, bytes, at: now });
    this.#last++;
    this.#bytes += bytes;
    this.#dropOld(now);
    while (this.size > this.#limits.maxEvents || this.#bytes > this.#limits.maxBytes) this.#drop();
  }

  /** Drops what is too old. */
  expire(now: number): void {
    this.#dropOld(now);
  }

  /** Those behind `number`, in order. `visit` MUST NOT append. */
  eachAfter(number: number, visit: (number: number, entry: LogEntry) => void): void {
    const first = this.first;
    for (let next = Math.max(number + 1, first); next <= this.#last; next++) {
      const entry = this.#entries[this.#gap + next - first];
      if (entry) visit(next, entry);
    }
  }

  /** Forgets everything; the numbers go on. */
  clear(): void {
    this.#entries = [];
    this.#gap = 0;
    this.#bytes = 0;
  }

  #growOlder(bytes: number, now: number): void {
    const { maxAgeMs, maxBytes, maxEvents } = this.#limits;
    const age = this.#age;
    age.events += 1;
    age.bytes += bytes;
    const isOver =
      now - age.at >= maxAgeMs / AGES || age.events >= maxEvents / AGES || age.bytes >= maxBytes / AGES;
    if (isOver) this.#age = { number: age.number + 1, at: now, events: 0, bytes: 0 };
  }

  #dropOld(now: number): void {
    for (let oldest = this.#entries[this.#gap]; oldest; oldest = this.#entries[this.#gap]) {
      if (oldest.at >= now - this.#limits.maxAgeMs) return;
      this.#drop();
    }
  }

  #drop(): void {
    const oldest = this.#entries[this.#gap];
    if (!oldest) return;
    const number = this.first;
    this.#entries[this.#gap++] = undefined;
    this.#bytes -= oldest.bytes;
    if (this.#gap > LEAST_GAP && this.#gap * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#gap);
      this.#gap = 0;
    }
    this.#dropped(number, oldest);
  }
}

function weigh({ packets, rooms, except }: LogEntry): number {
  let bytes = ENTRY_BYTES;
  for (const { data } of packets) bytes += typeof data === "string" ? data.length : data.byteLength;
  for (const room of rooms) bytes += room.length;
  for (const room of except) bytes += room.length;
  return bytes;
}
