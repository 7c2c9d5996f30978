import type { Codec, EnginePacket, EventName } from "@bowline/protocol";
import { escapeName } from "@bowline/protocol/internal";
import { uncompressed } from "./compress.ts";
import type { Encoded, Member } from "./member.ts";
import type { Recorder } from "./recovery-store.ts";
import type { AwaySockets } from "./resumption-away.ts";
import type { Rooms } from "./rooms.ts";

/** Whom a broadcast is for. */
export interface Target {
  /** Their union; none means the whole namespace. */
  readonly rooms: readonly string[];
  readonly except: readonly string[];
  /** Left out, whatever its rooms. */
  readonly sender?: Member;
  readonly compress?: boolean;
}

interface Outgoing extends Encoded {
  readonly data: readonly [EventName, ...unknown[]];
}

/** Members of one namespace, and how to reach many of them with one encoding. */
export class Fanout {
  readonly #namespace: string;
  readonly #codec: Codec;
  readonly #sockets: ReadonlyMap<string, Member>;
  readonly #rooms: Rooms<Member>;
  /** Keeps what is sent for those who miss it, if the server does that. */
  recorder: Recorder | undefined;
  /** Whose clients are away, with classic events: they are sent to, and seen by nobody. */
  away: AwaySockets | undefined;

  constructor(namespace: string, codec: Codec, sockets: ReadonlyMap<string, Member>, rooms: Rooms<Member>) {
    this.#namespace = namespace;
    this.#codec = codec;
    this.#sockets = sockets;
    this.#rooms = rooms;
  }

  /**
   * Encodes once and hands every receiver the same packets, in one synchronous pass, so that a broadcast and a direct
   * emit to the same socket leave in the order of the calls (SPEC S50).
   * @throws RealtimeError `unserializable`
   */
  send(target: Target, data: readonly [EventName, ...unknown[]], id?: number, isVolatile = false): void {
    // What wants answers is not kept: nobody could be asked again.
    if (!this.recorder || id !== undefined)
      return this.#pass(target, { packets: this.encode(data, id), data, id, isVolatile });
    const { rooms, except, sender } = target;
    const kept = { rooms, except, senderId: sender?.id, onlyId: undefined };
    this.#pass(target, { ...this.recorder.record(kept, data, isVolatile), isVolatile });
  }

  /** Every receiver once. */
  each(target: Target, visit: (member: Member) => void): void {
    select(target, this.#sockets, this.#rooms, visit);
  }

  /** Whether a socket is in it. */
  isInhabited(room: string): boolean {
    return this.#rooms.of(room) !== undefined || this.#sockets.has(room);
  }

  #pass(target: Target, outgoing: Outgoing): void {
    const hearers: Member[] = [];
    const { data, isVolatile } = outgoing;
    const sent = target.compress === false ? uncompressedAll(outgoing) : outgoing;
    const wireName = escapeName(data[0], isVolatile);
    let escaped: Encoded | undefined;
    this.each(target, (member) => {
      if (isVolatile && !member._writable) return;
      if (wireName !== data[0] && member._escapesNames) {
        escaped ??= this.#escape(target, outgoing, wireName);
        member._sendEncoded(escaped);
      } else member._sendEncoded(sent);
      if (member._hearsOutgoing) hearers.push(member);
    });
    if (this.away && this.away.byId.size > 0 && !isVolatile) {
      select(target, this.away.byId, this.away.rooms, (away) => {
        // Its socket, which is just leaving, got it.
        if (this.#sockets.has(away.id)) return;
        away.take(wireName === data[0] ? sent : (escaped ??= this.#escape(target, outgoing, wireName)));
      });
    }
    // After the pass: a listener that joins, leaves or emits must change neither who gets it nor the order.
    for (const member of hearers) member._sending(data);
  }

  /** The one more encoding for who agreed on other names. */
  #escape(target: Target, { data, id, isVolatile }: Outgoing, wireName: EventName): Encoded {
    const encoded = { packets: this.encode([wireName, ...data.slice(1)], id), id, isVolatile };
    return target.compress === false ? uncompressedAll(encoded) : encoded;
  }

  /** @throws RealtimeError `unserializable` */
  encode(data: readonly [EventName, ...unknown[]], id?: number): readonly EnginePacket[] {
    const frames = this.#codec.encode({ type: "event", namespace: this.#namespace, id, data });
    return frames.map((frame) => ({ type: "message", data: frame }));
  }
}

function uncompressedAll(encoded: Encoded): Encoded {
  return { ...encoded, packets: encoded.packets.map(uncompressed) };
}

type Selected = Pick<Member, "id" | "rooms">;

/** Everybody once whom it is for, of those. */
function select<One extends Selected>(
  { rooms, except, sender }: Target,
  sockets: ReadonlyMap<string, One>,
  members: Rooms<One>,
  visit: (one: One) => void,
): void {
  const isLeftOut = (one: One): boolean =>
    one.id === sender?.id || except.some((room) => one.rooms.has(room));
  const isPlain = sender === undefined && except.length === 0;
  for (const one of rooms.length === 0 ? sockets.values() : union(rooms, sockets, members)) {
    if (isPlain || !isLeftOut(one)) visit(one);
  }
}

function union<One extends Selected>(
  rooms: readonly string[],
  sockets: ReadonlyMap<string, One>,
  members: Rooms<One>,
): Iterable<One> {
  const [only] = rooms;
  if (rooms.length === 1 && only !== undefined) return inRoom(only, sockets, members);
  const all = new Set<One>();
  for (const room of rooms) for (const one of inRoom(room, sockets, members)) all.add(one);
  return all;
}

/** A socket is in the room that is called as its id without standing in `members`: most sockets are in no other. */
function inRoom<One extends Selected>(
  room: string,
  sockets: ReadonlyMap<string, One>,
  members: Rooms<One>,
): Iterable<One> {
  const there = members.of(room);
  const owner = sockets.get(room);
  if (!owner?.rooms.has(room)) return there ?? [];
  return there ? new Set([owner, ...there]) : [owner];
}
