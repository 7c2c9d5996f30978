import type {
  AckAnswer,
  AllButAck,
  DefaultEventMap,
  EventMap,
  EventNames,
  EventNamesWithAck,
  EventNamesWithoutAck,
  EventParams,
  Untyped,
  WithAckErrorOfMany,
} from "@bowline/protocol";
import { contain } from "@bowline/protocol/internal";
import { Emitter } from "../emitter.ts";
import { assertServerSideEvent, takeAck } from "./arguments.ts";
import type { Broadcast, RemoteSocket } from "./broadcast.ts";
import type { Delivery } from "./delivery.ts";

/** What can be told to everybody in a namespace, said once: a server, a namespace and a pattern of namespaces are that. */
export abstract class Broadcaster<
  Events extends EventMap = DefaultEventMap,
  Reserved extends EventMap = object,
  EmitEvents extends EventMap = DefaultEventMap,
  SocketData = Untyped,
> extends Emitter<Events, Reserved> {
  /** @internal */
  abstract get _everybody(): Broadcast<EmitEvents, SocketData>;
  /** @internal */
  abstract get _delivery(): Delivery;

  /** To every socket of the namespace. */
  emit<Event extends EventNamesWithoutAck<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): boolean {
    return this._everybody.emit(event, ...args);
  }

  /** An event called "message", to every socket of the namespace. */
  send(...args: EventParams<EmitEvents, "message">): this {
    (this._everybody as unknown as Broadcast).emit("message", ...(args as unknown[]));
    return this;
  }

  /** The same as `send`. */
  write(...args: EventParams<EmitEvents, "message">): this {
    return this.send(...args);
  }

  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): Promise<AckAnswer<EventParams<EmitEvents, Event>>[]> {
    return this._everybody.emitWithAck(event, ...args);
  }

  to(room: string | readonly string[]): Broadcast<EmitEvents, SocketData> {
    return this._everybody.to(room);
  }

  in(room: string | readonly string[]): Broadcast<EmitEvents, SocketData> {
    return this._everybody.to(room);
  }

  except(room: string | readonly string[]): Broadcast<EmitEvents, SocketData> {
    return this._everybody.except(room);
  }

  get volatile(): Broadcast<EmitEvents, SocketData> {
    return this._everybody.volatile;
  }

  /** Whether what is sent next is compressed, where the transport compresses at all. */
  compress(compress: boolean): Broadcast<EmitEvents, SocketData> {
    return this._everybody.compress(compress);
  }

  /** On this server only. */
  get local(): Broadcast<EmitEvents, SocketData> {
    return this._everybody.local;
  }

  timeout(timeoutMs: number): Broadcast<EmitEvents, SocketData, true> {
    return this._everybody.timeout(timeoutMs);
  }

  fetchSockets(): Promise<RemoteSocket<EmitEvents, SocketData>[]> {
    return this._everybody.fetchSockets();
  }

  /** @deprecated Use `fetchSockets()`. */
  allSockets(): Promise<Set<string>> {
    return this._everybody.allSockets();
  }

  socketsJoin(room: string | readonly string[]): void {
    this._everybody.socketsJoin(room);
  }

  socketsLeave(room: string | readonly string[]): void {
    this._everybody.socketsLeave(room);
  }

  disconnectSockets(close = false): void {
    this._everybody.disconnectSockets(close);
  }

  /**
   * Fires the event on the other servers' namespace of this name; a function as the last argument is called with
   * `(error, answers)`, an answer from each server. On a server alone there is nobody.
   * @throws RealtimeError `reserved_event`
   */
  serverSideEmit<Event extends EventNames<Events>>(
    event: Event,
    ...args: WithAckErrorOfMany<EventParams<Events, Event>>
  ): boolean {
    assertServerSideEvent(event);
    const { data, ack } = takeAck([event, ...args]);
    const failed = (error: unknown): void => this._listenerFailed(error, event, []);
    this._delivery.tellServers(data, ack && ((error, responses) => contain(ack, [error, responses], failed)));
    return true;
  }

  /** Resolves with an answer from each of the other servers. */
  serverSideEmitWithAck<Event extends EventNamesWithAck<Events>>(
    event: Event,
    ...args: AllButAck<EventParams<Events, Event>>
  ): Promise<AckAnswer<EventParams<Events, Event>>[]> {
    return new Promise((resolve, reject) => {
      assertServerSideEvent(event);
      this._delivery.tellServers([event, ...args], (error, responses) => {
        if (error) reject(Object.assign(error, { responses }));
        else resolve([...responses] as AckAnswer<EventParams<Events, Event>>[]);
      });
    });
  }
}
