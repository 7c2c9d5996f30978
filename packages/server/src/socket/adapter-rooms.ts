import type { EventName } from "@bowline/protocol";
import { Emitter } from "../emitter.ts";
import type { ErrorContext } from "../errors.ts";
import type { AdapterOptions } from "./adapter.ts";
import type { EventData } from "./arguments.ts";
import type { BroadcastTarget, Delivery } from "./delivery.ts";
import type { Fanout } from "./fanout.ts";
import type { Member } from "./member.ts";
import type { AckCallbacks } from "./outbox.ts";
import type { Rooms } from "./rooms.ts";

export interface RoomEvents {
  "create-room": (room: string) => void;
  "join-room": (room: string, id: string) => void;
  "leave-room": (room: string, id: string) => void;
  "delete-room": (room: string) => void;
}

/** Told of who comes to a room and who goes. */
export interface RoomWatcher {
  joined(room: string, id: string): void;
  left(room: string, id: string): void;
}

interface AdapterSocket extends Member {
  readonly acks: AckCallbacks;
}

/** What the view needs of its namespace. */
export interface AdapterSource {
  readonly name: string;
  readonly sockets: ReadonlyMap<string, AdapterSocket>;
  /** @internal */
  readonly _rooms: Rooms<Member>;
  /** @internal */
  readonly _delivery: Delivery;
  /** @internal */
  readonly _fanout: Fanout;
  /** @internal */
  _nextAckId(): number;
  /** @internal */
  _failed(error: unknown, context: ErrorContext): void;
}

/** Our own rooms in the shape of Socket.IO's in-memory adapter. A view: it keeps nothing. */
export class RoomsAdapter extends Emitter<RoomEvents> implements RoomWatcher {
  readonly nsp: AdapterSource;
  readonly rooms: Map<string, Set<string>>;
  readonly sids: Map<string, Set<string>>;

  constructor(nsp: AdapterSource) {
    super();
    this.nsp = nsp;
    const roomNames = (): Iterable<string> => this.#roomNames();
    this.rooms = new MapView(roomNames, (room) => this.#idsIn(room)) as unknown as Map<string, Set<string>>;
    this.sids = new MapView(
      () => nsp.sockets.keys(),
      (id) => nsp.sockets.get(id)?.rooms,
    ) as unknown as Map<string, Set<string>>;
  }

  init(): void {}

  close(): void {}

  serverCount(): Promise<number> {
    return Promise.resolve(1);
  }

  addAll(id: string, rooms: ReadonlySet<string>): void {
    this.nsp.sockets.get(id)?.join([...rooms]);
  }

  del(id: string, room: string): void {
    this.nsp.sockets.get(id)?.leave(room);
  }

  delAll(id: string): void {
    for (const room of [...(this.nsp.sockets.get(id)?.rooms ?? [])]) this.del(id, room);
  }

  broadcast({ data }: { readonly data: EventData }, options: AdapterOptions): void {
    this.nsp._delivery.send(targetOf(options), data);
  }

  broadcastWithAck(
    { data }: { readonly data: EventData },
    options: AdapterOptions,
    clientCount: (count: number) => void,
    ack: (...answer: unknown[]) => void,
  ): void {
    const target = targetOf(options);
    const id = this.nsp._nextAckId();
    const members = this.nsp._fanout.members(target);
    for (const member of members) this.nsp.sockets.get(member.id)?.acks.set(id, ack);
    this.nsp._fanout.send(target, data, id, target.volatile);
    clientCount(members.length);
  }

  async sockets(rooms: ReadonlySet<string>): Promise<Set<string>> {
    const found = await this.nsp._delivery.fetch({ rooms: [...rooms], except: [] });
    return new Set(found.map(({ id }) => id));
  }

  socketRooms(id: string): Set<string> | undefined {
    return this.nsp.sockets.get(id)?.rooms as Set<string> | undefined;
  }

  fetchSockets(options: AdapterOptions): Promise<AdapterSocket[]> {
    return this.nsp._delivery.fetch(targetOf(options)) as Promise<AdapterSocket[]>;
  }

  addSockets(options: AdapterOptions, rooms: readonly string[]): void {
    this.nsp._delivery.join(targetOf(options), rooms);
  }

  delSockets(options: AdapterOptions, rooms: readonly string[]): void {
    this.nsp._delivery.leave(targetOf(options), rooms);
  }

  disconnectSockets(options: AdapterOptions, close: boolean): void {
    this.nsp._delivery.disconnect(targetOf(options), close);
  }

  /** There are no other servers. */
  serverSideEmit(packet: readonly unknown[]): void {
    const ack = packet.at(-1);
    if (typeof ack === "function") ack(null, []);
  }

  /** What it would keep, `connectionStateRecovery` keeps by itself. */
  persistSession(): void {}

  restoreSession(): null {
    return null;
  }

  joined(room: string, id: string): void {
    if (this._hears("create-room") && this.rooms.get(room)?.size === 1) this._fire("create-room", [room]);
    if (this._hears("join-room")) this._fire("join-room", [room, id]);
  }

  left(room: string, id: string): void {
    if (this._hears("leave-room")) this._fire("leave-room", [room, id]);
    if (this._hears("delete-room") && !this.rooms.has(room)) this._fire("delete-room", [room]);
  }

  /** @internal */
  _listenerFailed(error: unknown, event: EventName): void {
    this.nsp._failed(error, { stage: "adapter", event, namespace: this.nsp.name });
  }

  *#roomNames(): Generator<string> {
    yield* this.nsp._rooms.names();
    for (const { id } of this.nsp.sockets.values()) if (this.#isOwnRoom(id)) yield id;
  }

  #idsIn(room: string): Set<string> | undefined {
    const members = this.nsp._rooms.of(room);
    const owner = this.#isOwnRoom(room) ? room : undefined;
    if (!members && owner === undefined) return undefined;
    const has = (id: string): boolean => this.nsp.sockets.get(id)?.rooms.has(room) ?? false;
    return new IdsView(members ?? new Set(), owner, has) as unknown as Set<string>;
  }

  /** A socket is in the room that is called as its id without standing in the table. */
  #isOwnRoom(room: string): boolean {
    return this.nsp.sockets.get(room)?.rooms.has(room) ?? false;
  }
}

export function targetOf({ rooms, except, flags = {} }: AdapterOptions): BroadcastTarget {
  const { volatile: isVolatile, compress, local } = flags;
  return {
    rooms: [...rooms],
    except: [...(except ?? [])],
    ...(isVolatile !== undefined && { volatile: isVolatile }),
    ...(compress !== undefined && { compress }),
    ...(local !== undefined && { local }),
  };
}

/** A map that is computed when it is read. */
class MapView<Value> implements ReadonlyMap<string, Value> {
  readonly #names: () => Iterable<string>;
  readonly #get: (name: string) => Value | undefined;

  constructor(names: () => Iterable<string>, get: (name: string) => Value | undefined) {
    this.#names = names;
    this.#get = get;
  }

  get size(): number {
    return [...this.#names()].length;
  }

  get(name: string): Value | undefined {
    return this.#get(name);
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  keys(): MapIterator<string> {
    return this.#names()[Symbol.iterator]() as MapIterator<string>;
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this) yield value;
  }

  *entries(): MapIterator<[string, Value]> {
    for (const name of this.#names()) yield [name, this.#get(name) as Value];
  }

  forEach(visit: (value: Value, name: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [name, value] of this) visit(value, name, this);
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }
}

/** The ids of those in one room. */
class IdsView {
  readonly #members: ReadonlySet<Member>;
  readonly #owner: string | undefined;
  readonly has: (id: string) => boolean;

  constructor(members: ReadonlySet<Member>, owner: string | undefined, has: (id: string) => boolean) {
    this.#members = members;
    this.#owner = owner;
    this.has = has;
  }

  get size(): number {
    return this.#members.size + (this.#owner === undefined ? 0 : 1);
  }

  *keys(): SetIterator<string> {
    if (this.#owner !== undefined) yield this.#owner;
    for (const { id } of this.#members) yield id;
  }

  values(): SetIterator<string> {
    return this.keys();
  }

  *entries(): SetIterator<[string, string]> {
    for (const id of this.keys()) yield [id, id];
  }

  forEach(visit: (id: string, again: string, set: unknown) => void): void {
    for (const id of this.keys()) visit(id, id, this);
  }

  [Symbol.iterator](): SetIterator<string> {
    return this.keys();
  }
}
