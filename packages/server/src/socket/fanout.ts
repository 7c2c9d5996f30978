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

  /** Every receiver once, as it is now. */
  members(target: Target): Member[] {
    return select(target, this.#sockets, this.#rooms);
  }

  /** Whether a socket is in it. */
  isInhabited(room: string): boolean {
    return this.#rooms.of(room) !== undefined || this.#sockets.has(room);
  }

  #pass(target: Target, outgoing: Outgoing): void {
    let hearers: Member[] | undefined;
    const { data, isVolatile } = outgoing;
    const sent = target.compress === false ? uncompressedAll(outgoing) : outgoing;
    const wireName = escapeName(data[0], isVolatile);
    const isEscaped = wireName !== data[0];
    let escaped: Encoded | undefined;
    for (const member of this.members(target)) {
      if (isVolatile && !member._writable) continue;
      if (isEscaped && member._escapesNames) {
        escaped ??= this.#escape(target, outgoing, wireName);
        member._sendEncoded(escaped);
      } else member._sendEncoded(sent);
      if (member._hearsAny) (hearers ??= []).push(member);
    }
    if (this.away && this.away.byId.size > 0 && !isVolatile) {
      for (const away of select(target, this.away.byId, this.away.rooms)) {
        // Its socket, which is just leaving, got it.
        if (this.#sockets.has(away.id)) continue;
        away.take(isEscaped ? (escaped ??= this.#escape(target, outgoing, wireName)) : sent);
      }
    }
    // After the pass: a listener that joins, leaves or emits must change neither who gets it nor the order.
    if (hearers) for (const member of hearers) member._sending(data);
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

/** Everybody once whom it is for, of those: a list, so that nothing that happens on the way changes whom it reaches. */
function select<One extends Selected>(
  { rooms, except, sender }: Target,
  sockets: ReadonlyMap<string, One>,
  members: Rooms<One>,
): One[] {
  const all = rooms.length === 0 ? [...sockets.values()] : union(rooms, sockets, members);
  if (!sender && except.length === 0) return all;
  // By its id: the socket that broadcasts may be one that another went on from.
  const leftOut = sender && sockets.get(sender.id);
  return all.filter((one) => one !== leftOut && !isInSome(one, except));
}

function union<One extends Selected>(
  rooms: readonly string[],
  sockets: ReadonlyMap<string, One>,
  members: Rooms<One>,
): One[] {
  const [first = "", ...others] = rooms;
  const all = inRoom(first, sockets, members);
  const seen = [first];
  for (const room of others) {
    for (const one of inRoom(room, sockets, members)) if (!isInSome(one, seen)) all.push(one);
    seen.push(room);
  }
  return all;
}

function isInSome({ rooms }: Selected, some: readonly string[]): boolean {
  for (const room of some) if (rooms.has(room)) return true;
  return false;
}

/** A socket is in the room that is called as its id without standing in `members`: most sockets are in no other. */
function inRoom<One extends Selected>(
  room: string,
  sockets: ReadonlyMap<string, One>,
  members: Rooms<One>,
): One[] {
  const there = members.of(room);
  const owner = sockets.get(room);
  const all = there ? [...there] : [];
  if (owner?.rooms.has(room)) all.push(owner);
  return all;
}
