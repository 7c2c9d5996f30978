import { RealtimeError } from "@bowline/protocol";
import type { Clock } from "@bowline/protocol/internal";
import type { EventData, SendFlags } from "./arguments.ts";
import { type BroadcastAck, BroadcastAckError, collectAcks } from "./broadcast-acks.ts";
import type { Fanout, Target } from "./fanout.ts";
import type { Handshake } from "./handshake.ts";

/** Whom a broadcast is for, and on what conditions. */
export interface BroadcastTarget extends Target, SendFlags {}

/** A socket of this server or another as broadcasts see it; `Member` is one. */
export interface AnyMember {
  readonly id: string;
  readonly handshake: Handshake;
  readonly rooms: ReadonlySet<string>;
  data: unknown;
}

/**
 * How what is said to many reaches them. A namespace has one, `Broadcast` calls it: our own rooms, the children of a
 * pattern, or an adapter made for Socket.IO.
 */
export interface Delivery {
  /**
   * MUST send to this server's receivers before it returns, so that the order of the calls is kept. Only adapters made for
   * Socket.IO do otherwise: some of them publish first.
   */
  send(target: BroadcastTarget, data: EventData): void;
  /** Sends, and calls `done` once with everybody's answers. */
  ask(target: BroadcastTarget & { readonly timeoutMs: number }, data: EventData, done: BroadcastAck): void;
  fetch(target: BroadcastTarget): Promise<readonly AnyMember[]>;
  join(target: BroadcastTarget, rooms: readonly string[]): void;
  leave(target: BroadcastTarget, rooms: readonly string[]): void;
  disconnect(target: BroadcastTarget, close: boolean): void;
  /** Fires an event on the other servers; `done` is called once, with an answer from each. */
  tellServers(data: EventData, done?: ServersAck): void;
}

export type ServersAck = (error: Error | null, responses: readonly unknown[]) => void;

/** What our own rooms need of their namespace. */
export interface LocalSource {
  readonly fanout: Fanout;
  readonly clock: Clock;
  /** One count for the namespace, so that a broadcast's ack has one id for all receivers. */
  nextAckId(): number;
}

/** To the sockets of this server, by our own rooms. */
export class LocalDelivery implements Delivery {
  readonly #source: LocalSource;

  constructor(source: LocalSource) {
    this.#source = source;
  }

  send(target: BroadcastTarget, data: EventData): void {
    this.#source.fanout.send(target, data, undefined, target.volatile);
  }

  ask(target: BroadcastTarget & { readonly timeoutMs: number }, data: EventData, done: BroadcastAck): void {
    const { fanout, clock } = this.#source;
    const id = this.#source.nextAckId();
    const members = fanout.members(target);
    fanout.send(target, data, id, target.volatile);
    collectAcks({ id, members, timeoutMs: target.timeoutMs, clock }, done);
  }

  fetch(target: BroadcastTarget): Promise<readonly AnyMember[]> {
    return Promise.resolve(this.#source.fanout.members(target));
  }

  join(target: BroadcastTarget, rooms: readonly string[]): void {
    for (const member of this.#source.fanout.members(target)) member.join(rooms);
  }

  leave(target: BroadcastTarget, rooms: readonly string[]): void {
    for (const member of this.#source.fanout.members(target)) for (const room of rooms) member.leave(room);
  }

  disconnect(target: BroadcastTarget, close: boolean): void {
    for (const member of this.#source.fanout.members(target)) member.disconnect(close);
  }

  /** There are none. */
  tellServers(_data: EventData, done?: ServersAck): void {
    done?.(null, []);
  }
}

const NO_FETCH =
  "fetchSockets() does not work on a namespace made for a pattern or a function: its children differ from server to server. Call it on a child: io.of(name).fetchSockets()";

/** To the children of a pattern, as far as they live on this server. */
export class ChildrenDelivery implements Delivery {
  readonly #children: ReadonlySet<{ readonly _delivery: Delivery }>;

  /** @internal */
  constructor(children: ReadonlySet<{ readonly _delivery: Delivery }>) {
    this.#children = children;
  }

  send(target: BroadcastTarget, data: EventData): void {
    for (const child of this.#children) child._delivery.send(target, data);
  }

  ask(target: BroadcastTarget & { readonly timeoutMs: number }, data: EventData, done: BroadcastAck): void {
    const children = [...this.#children];
    const all: unknown[] = [];
    let failure: Parameters<BroadcastAck>[0] = null;
    let waiting = children.length;
    if (waiting === 0) return done(null, all);
    for (const child of children) {
      child._delivery.ask(target, data, (error, responses) => {
        failure ??= error;
        all.push(...responses);
        if (--waiting > 0) return;
        done(failure && new BroadcastAckError(failure.code, failure.message, all), all);
      });
    }
  }

  fetch(): Promise<readonly AnyMember[]> {
    return Promise.reject(new RealtimeError("invalid_argument", NO_FETCH));
  }

  join(target: BroadcastTarget, rooms: readonly string[]): void {
    for (const child of this.#children) child._delivery.join(target, rooms);
  }

  leave(target: BroadcastTarget, rooms: readonly string[]): void {
    for (const child of this.#children) child._delivery.leave(target, rooms);
  }

  disconnect(target: BroadcastTarget, close: boolean): void {
    // A copy: an empty child may go.
    for (const child of [...this.#children]) child._delivery.disconnect(target, close);
  }

  /** The other servers know no patterns of ours. */
  tellServers(_data: EventData, done?: ServersAck): void {
    done?.(null, []);
  }
}
