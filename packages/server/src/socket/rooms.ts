import { RealtimeError } from "@bowline/protocol";

/** A room is a name. */
export type Room = string;

/** One or several; a number, which plain JavaScript may well pass, is taken for its digits. */
export function roomNames(room: Room | readonly Room[]): readonly Room[] {
  if (typeof room === "string") return [room];
  return [room].flat().map((name) => (typeof name === "number" ? String(name) : name));
}

/** @throws RealtimeError `invalid_argument`: such a room would be joined for good, and nobody could mean it. */
export function assertRoom(room: unknown): void {
  if (typeof room === "string") return;
  const what = room === null ? "null" : typeof room;
  throw new RealtimeError("invalid_argument", `join() takes a room's name or a list of names, not ${what}`);
}

/** Who is in which room. A data structure: synchronous, knows nothing of sockets. */
export class Rooms<Member> {
  readonly #members = new Map<Room, Set<Member>>();

  add(room: Room, member: Member): void {
    const members = this.#members.get(room);
    if (members) members.add(member);
    else this.#members.set(room, new Set([member]));
  }

  /** An empty room is none: it leaves nothing behind. */
  remove(room: Room, member: Member): void {
    const members = this.#members.get(room);
    if (!members) return;
    members.delete(member);
    if (members.size === 0) this.#members.delete(room);
  }

  of(room: Room): ReadonlySet<Member> | undefined {
    return this.#members.get(room);
  }

  names(): Iterable<Room> {
    return this.#members.keys();
  }

  get size(): number {
    return this.#members.size;
  }
}
