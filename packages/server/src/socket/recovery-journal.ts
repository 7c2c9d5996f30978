import type { RecoveryLog } from "./recovery-log.ts";

/** A socket joined or left a room when `number` was the last in the log. */
interface Change {
  readonly number: number;
  readonly room: string;
  readonly joined: boolean;
}

/** More changes than this, while the log stood still, are not remembered. */
const MAX_CHANGES = 1_024;

/**
 * When a socket joined and left its rooms, counted in events, as far back as the log reaches: whether an event was for
 * it depends on the rooms that it was in at the time. Read backwards, from the rooms of now, so that a socket which never
 * changes its rooms has no journal at all.
 */
export class RecoveryJournal {
  readonly #log: RecoveryLog;
  #changes: Change[] | undefined;
  #knownFrom = 0;

  constructor(log: RecoveryLog) {
    this.#log = log;
  }

  /** Up to this number the rooms are not known any more. */
  get knownFrom(): number {
    return this.#knownFrom;
  }

  add(room: string, joined: boolean): void {
    this.#changes ??= [];
    this.#changes.push({ number: this.#log.last, room, joined });
    if (this.#changes.length > MAX_CHANGES) this.#prune(this.#changes);
  }

  /** The rooms of an event, event by event: to be asked in rising order, from `after` on. */
  roomsAfter(after: number, now: Iterable<string>): (number: number) => ReadonlySet<string> {
    const rooms = new Set(now);
    const changes = this.#changes ?? [];
    let next = changes.length;
    for (let change = changes[next - 1]; change && change.number > after; change = changes[next - 1]) {
      apply(rooms, change, !change.joined);
      next--;
    }
    return (number) => {
      for (let change = changes[next]; change && change.number < number; change = changes[++next]) {
        apply(rooms, change, change.joined);
      }
      return rooms;
    };
  }

  #prune(changes: Change[]): void {
    const { first } = this.#log;
    // Of what the log does not have any more nobody asks.
    let dropped = changes.findIndex(({ number }) => number >= first);
    if (dropped < 0) dropped = changes.length;
    if (dropped < MAX_CHANGES / 2) {
      dropped = MAX_CHANGES / 2;
      this.#knownFrom = changes[dropped - 1]?.number ?? this.#knownFrom;
    }
    changes.splice(0, dropped);
  }
}

function apply(rooms: Set<string>, { room }: Change, joined: boolean): void {
  if (joined) rooms.add(room);
  else rooms.delete(room);
}
