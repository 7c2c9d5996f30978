import { DEFAULT_ROOMS, type RoomSummary } from "../shared/events.ts";
import { Refusal } from "./check.ts";
import { Room } from "./room.ts";

const ROOMS_KEPT = 100;

/** All rooms, oldest use first. Past the bound, the empty room that was unused longest makes place. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();

  constructor() {
    for (const name of DEFAULT_ROOMS) this.#rooms.set(name, new Room(name));
  }

  /** The room of that name, made if need be. */
  open(name: string): Room {
    const room = this.#rooms.get(name) ?? new Room(name);
    if (!this.#rooms.has(name)) this.#makePlace();
    else if (!DEFAULT_ROOMS.includes(name)) this.#rooms.delete(name);
    this.#rooms.set(name, room);
    return room;
  }

  find(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  get summaries(): readonly RoomSummary[] {
    const all = [...this.#rooms.values()].map(({ name, people }) => ({ name, people: people.length }));
    const standing = all.filter(({ name }) => DEFAULT_ROOMS.includes(name));
    const made = all.filter(({ name }) => !DEFAULT_ROOMS.includes(name));
    return [...standing, ...made.sort((a, b) => a.name.localeCompare(b.name))];
  }

  #makePlace(): void {
    if (this.#rooms.size < ROOMS_KEPT) return;
    const unused = [...this.#rooms.values()].find(
      ({ name, isEmpty }) => isEmpty && !DEFAULT_ROOMS.includes(name),
    );
    if (unused === undefined) throw new Refusal("There are too many rooms; join one that exists.");
    this.#rooms.delete(unused.name);
  }
}
