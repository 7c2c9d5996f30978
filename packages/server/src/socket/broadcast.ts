import {
  type AckAnswer,
  type AllButAck,
  type DefaultEventMap,
  type EventMap,
  type EventNames,
  type EventNamesWithAck,
  type EventNamesWithoutAck,
  type EventParams,
  type WithAckError,
  type WithAckErrorOfMany,
  type Untyped,
} from "@bowline/protocol";
import { contain } from "@bowline/protocol/internal";
import type { ErrorContext } from "../errors.ts";
import { assertEvent, type EventData, takeAck } from "./arguments.ts";
import { type BroadcastAck, BroadcastAckError } from "./broadcast-acks.ts";
import type { BroadcastTarget, Delivery } from "./delivery.ts";
import type { Handshake } from "./handshake.ts";
import { roomNames } from "./rooms.ts";

/** A socket as `fetchSockets` gives it, wherever in a cluster it is. */
export interface RemoteSocket<EmitEvents extends EventMap = DefaultEventMap, SocketData = Untyped> {
  readonly id: string;
  readonly handshake: Handshake;
  readonly rooms: Set<string>;
  readonly data: SocketData;
  emit<Event extends EventNames<EmitEvents>>(event: Event, ...args: EventParams<EmitEvents, Event>): boolean;
  timeout(timeoutMs: number): {
    emit<Event extends EventNames<EmitEvents>>(
      event: Event,
      ...args: WithAckError<EventParams<EmitEvents, Event>>
    ): boolean;
    emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
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
  readonly _delivery: Delivery;
  /** @internal */
  _failed(error: unknown, context: ErrorContext): void;
}

type Rooms = string | readonly string[];

const NO_TIME = "operation has timed out: a broadcast that wants answers needs a time, timeout(ms).emit(…)";

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

  /** Whether it is compressed, where the transport compresses at all. */
  compress(compress: boolean): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#with({ compress });
  }

  /** On this server only. */
  get local(): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#with({ local: true });
  }

  /** How long the answers may take, in milliseconds. */
  timeout(timeoutMs: number): Broadcast<EmitEvents, SocketData, true> {
    return new Broadcast(this.#source, { ...this.#target, timeoutMs });
  }

  /**
   * A function as the last argument is called once with `(error, responses)`; without `timeout(ms)` before, at once and
   * with an error.
   * @throws RealtimeError `reserved_event`, `unserializable`, `invalid_argument`
   */
  emit<Event extends (HasTimeout extends true ? EventNames<EmitEvents> : EventNamesWithoutAck<EmitEvents>)>(
    event: Event,
    ...args: HasTimeout extends true
      ? WithAckErrorOfMany<EventParams<EmitEvents, Event>>
      : EventParams<EmitEvents, Event>
  ): boolean {
    const { data, ack } = takeAck([event, ...args]);
    this.#send(
      data,
      ack &&
        ((error, responses) =>
          contain(ack, [error, this.#answer(responses)], (failure) =>
            this.#source._failed(failure, { stage: "handler", event }),
          )),
    );
    return true;
  }

  /** Resolves with an answer for each receiver; rejects with a BroadcastAckError when some did not answer. */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): Promise<AckAnswer<EventParams<EmitEvents, Event>>[]> {
    return new Promise((resolve, reject) => {
      this.#send([event, ...args], (error, responses) => {
        if (error) reject(error);
        else resolve(this.#answer(responses) as AckAnswer<EventParams<EmitEvents, Event>>[]);
      });
    });
  }

  /** Who is meant right now. */
  fetchSockets(): Promise<RemoteSocket<EmitEvents, SocketData>[]> {
    const found = this.#source._delivery.fetch(this.#target);
    return found as Promise<unknown> as Promise<RemoteSocket<EmitEvents, SocketData>[]>;
  }

  /** @deprecated Use `fetchSockets()`. */
  async allSockets(): Promise<Set<string>> {
    return new Set((await this.fetchSockets()).map(({ id }) => id));
  }

  /** Lets every receiver join the room or rooms. */
  socketsJoin(room: Rooms): void {
    this.#source._delivery.join(this.#target, roomNames(room));
  }

  socketsLeave(room: Rooms): void {
    this.#source._delivery.leave(this.#target, roomNames(room));
  }

  disconnectSockets(close = false): void {
    this.#source._delivery.disconnect(this.#target, close);
  }

  #send(data: EventData, ack: BroadcastAck | undefined): void {
    assertEvent(data[0]);
    const { timeoutMs } = this.#target;
    if (!ack) return this.#source._delivery.send(this.#target, data);
    if (timeoutMs !== undefined) return this.#source._delivery.ask({ ...this.#target, timeoutMs }, data, ack);
    // Nobody's answer comes within no time; the receivers are asked all the same, as Socket.IO does.
    this.#source._delivery.ask({ ...this.#target, timeoutMs: 1 }, data, (error, responses) => {
      ack(error && new BroadcastAckError("ack_timeout", NO_TIME, responses), responses);
    });
  }

  #answer(responses: readonly unknown[]): unknown {
    return this.#target.single ? responses[0] : [...responses];
  }

  #with(change: Partial<BroadcastTarget>): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return new Broadcast(this.#source, { ...this.#target, ...change });
  }
}
