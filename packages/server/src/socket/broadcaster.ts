import type {
  AckAnswer,
  AllButAck,
  DefaultEventMap,
  EventMap,
  EventNamesWithAck,
  EventNamesWithoutAck,
  EventParams,
  Untyped,
} from "@bowline/protocol";
import { Emitter } from "../emitter.ts";
import type { Broadcast, RemoteSocket } from "./broadcast.ts";

/** What can be told to everybody in a namespace, said once: a server, a namespace and a pattern of namespaces are that. */
export abstract class Broadcaster<
  Events extends EventMap = DefaultEventMap,
  Reserved extends EventMap = object,
  EmitEvents extends EventMap = DefaultEventMap,
  SocketData = Untyped,
> extends Emitter<Events, Reserved> {
  /** @internal */
  abstract get _everybody(): Broadcast<EmitEvents, SocketData>;

  /** To every socket of the namespace. */
  emit<Event extends EventNamesWithoutAck<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): boolean {
    return this._everybody.emit(event, ...args);
  }

  /** An event called "message", to every socket of the namespace. */
  send(...args: EventParams<EmitEvents, "message">): this {
    this._everybody.emit("message" as EventNamesWithoutAck<EmitEvents>, ...args);
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

  timeout(timeoutMs: number): Broadcast<EmitEvents, SocketData, true> {
    return this._everybody.timeout(timeoutMs);
  }

  fetchSockets(): Promise<RemoteSocket<EmitEvents, SocketData>[]> {
    return this._everybody.fetchSockets();
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
}
