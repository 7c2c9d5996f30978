import {
  type AckAnswer,
  type AllButAck,
  type DefaultEventMap,
  type EventMap,
  type EventName,
  type EventNames,
  type EventParams,
  RealtimeError,
  type WithAckError,
  type WithAckErrorOfMany,
  type Untyped,
} from "@bowline/protocol";
import { contain } from "@bowline/protocol/internal";
import type { ErrorContext } from "../errors.ts";
import { assertEvent, type SendFlags, takeAck } from "./arguments.ts";
import { type BroadcastAck, collectAcks } from "./broadcast-acks.ts";
import type { Fanout, Target } from "./fanout.ts";
import type { Handshake } from "./handshake.ts";
import type { Member } from "./member.ts";
import { roomNames } from "./rooms.ts";
import type { Runtime } from "./runtime.ts";

export interface BroadcastTarget extends Target, SendFlags {}

/** A socket as `fetchSockets` gives it, wherever in a cluster it is. */
export interface RemoteSocket<EmitEvents extends EventMap = DefaultEventMap, SocketData = Untyped> {
  readonly id: string;
  readonly handshake: Handshake;
  readonly rooms: ReadonlySet<string>;
  readonly data: SocketData;
  emit<Event extends EventNames<EmitEvents>>(event: Event, ...args: EventParams<EmitEvents, Event>): boolean;
  timeout(timeoutMs: number): {
    emit<Event extends EventNames<EmitEvents>>(
      event: Event,
      ...args: WithAckError<EventParams<EmitEvents, Event>>
    ): boolean;
    emitWithAck<Event extends EventNames<EmitEvents>>(
      event: Event,
      ...args: AllButAck<EventParams<EmitEvents, Event>>
    ): Promise<AckAnswer<EventParams<EmitEvents, Event>>>;
  };
  join(room: Rooms): void;
  leave(room: string): void;
  disconnect(close?: boolean): unknown;
}

/** What a broadcast needs of the namespace it goes out in. Implemented by `Namespace`. */
export interface BroadcastSource {
  /** @internal */
  readonly _fanout: Fanout;
  /** @internal */
  readonly _runtime: Runtime;
  /** @internal */
  _nextAckId(): number;
  /** @internal */
  _failed(error: unknown, context: ErrorContext): void;
}

type Rooms = string | readonly string[];

/**
 * Whom to send to, built up step by step: `io.to("a").to("b").except("c").emit(…)` reaches who is in a or b and not in
 * c, everybody once. Immutable: each step gives another.
 */
export class Broadcast<
  EmitEvents extends EventMap = DefaultEventMap,
  SocketData = Untyped,
  HasTimeout extends boolean = false,
> {
  readonly #source: BroadcastSource;
  readonly #target: BroadcastTarget;

  /** @internal */
  constructor(source: BroadcastSource, target: BroadcastTarget) {
    this.#source = source;
    this.#target = target;
  }

  to(room: Rooms): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#with({ rooms: this.#target.rooms.concat(roomNames(room)) });
  }

  in(room: Rooms): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.to(room);
  }

  except(room: Rooms): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#with({ except: this.#target.except.concat(roomNames(room)) });
  }

  /** Receivers that cannot take it now do not get it. */
  get volatile(): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#with({ volatile: true });
  }

  /** How long the answers may take, in milliseconds. */
  timeout(timeoutMs: number): Broadcast<EmitEvents, SocketData, true> {
    return new Broadcast(this.#source, { ...this.#target, timeoutMs });
  }

  /**
   * A function as the last argument is called once with `(error, responses)`; it needs `timeout(ms)` before.
   * @throws RealtimeError `reserved_event`, `unserializable`, `invalid_argument`
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: HasTimeout extends true
      ? WithAckErrorOfMany<EventParams<EmitEvents, Event>>
      : AllButAck<EventParams<EmitEvents, Event>>
  ): boolean {
    const { data, ack } = takeAck([event, ...args]);
    this.#send(
      data,
      ack &&
        ((error, responses) =>
          contain(ack, [error, responses], (failure) =>
            this.#source._failed(failure, { stage: "handler", event }),
          )),
    );
    return true;
  }

  /** Resolves with an answer for each receiver; rejects with a BroadcastAckError when some did not answer. */
  emitWithAck<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): Promise<AckAnswer<EventParams<EmitEvents, Event>>[]> {
    return new Promise((resolve, reject) => {
      this.#send([event, ...args], (error, responses) => {
        if (error) reject(error);
        else resolve([...responses] as AckAnswer<EventParams<EmitEvents, Event>>[]);
      });
    });
  }

  /** Who is meant right now. */
  fetchSockets(): Promise<RemoteSocket<EmitEvents, SocketData>[]> {
    return Promise.resolve(this.#members() as unknown as RemoteSocket<EmitEvents, SocketData>[]);
  }

  /** Lets every receiver join the room or rooms. */
  socketsJoin(room: Rooms): void {
    for (const member of this.#members()) member.join(room);
  }

  socketsLeave(room: Rooms): void {
    for (const member of this.#members()) for (const name of roomNames(room)) member.leave(name);
  }

  disconnectSockets(close = false): void {
    for (const member of this.#members()) member.disconnect(close);
  }

  #send(data: readonly [EventName, ...unknown[]], ack: BroadcastAck | undefined): void {
    assertEvent(data[0]);
    const { timeoutMs } = this.#target;
    if (!ack) return this.#source._fanout.send(this.#target, data, undefined, this.#target.volatile);
    if (timeoutMs === undefined) {
      throw new RealtimeError(
        "invalid_argument",
        "a broadcast that wants answers needs a time: timeout(ms).emit(…)",
      );
    }
    const id = this.#source._nextAckId();
    const members = this.#members();
    this.#source._fanout.send(this.#target, data, id, this.#target.volatile);
    collectAcks({ id, members, timeoutMs, clock: this.#source._runtime.clock }, ack);
  }

  /** A copy, since what is done with them may change the rooms. */
  #members(): Member[] {
    const members: Member[] = [];
    this.#source._fanout.each(this.#target, (member) => members.push(member));
    return members;
  }

  #with(change: Partial<BroadcastTarget>): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return new Broadcast(this.#source, { ...this.#target, ...change });
  }
}
