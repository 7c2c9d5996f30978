import type {
  AckAnswer,
  AllButAck,
  EventMap,
  EventName,
  EventNames,
  EventNamesWithAck,
  EventParams,
} from "@bowline/protocol";
import type { SendFlags } from "./arguments.ts";
import type { Broadcast } from "./broadcast.ts";
import { CatchAll } from "./catch-all.ts";
import { type Sender, SocketOperator } from "./operator.ts";

const NO_FLAGS: SendFlags = {};

/** What a socket can be told to send, to its client and to others. */
export abstract class Sending<
  Events extends EventMap,
  Reserved extends EventMap,
  EmitEvents extends EventMap,
  SocketData,
>
  extends CatchAll<Events, Reserved>
  implements Sender<EmitEvents, SocketData>
{
  /** @internal */
  abstract _send(args: readonly [EventName, ...unknown[]], flags: SendFlags): void;
  /** @internal */
  abstract _request(data: readonly [EventName, ...unknown[]], flags: SendFlags): Promise<unknown>;
  /** @internal To everybody but this socket. */
  abstract _broadcast<HasTimeout extends boolean = false>(
    flags: SendFlags,
  ): Broadcast<EmitEvents, SocketData, HasTimeout>;

  /** Sends an event to this client; a function as the last argument is called with the answer. */
  emit<Event extends EventNames<EmitEvents>>(event: Event, ...args: EventParams<EmitEvents, Event>): boolean {
    this._send([event, ...args], NO_FLAGS);
    return true;
  }

  /** Resolves with the answer; rejects with `disconnected` when the client leaves first. Add a timeout: `timeout(ms)`. */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): Promise<AckAnswer<EventParams<EmitEvents, Event>>> {
    return this._request([event, ...args], NO_FLAGS) as Promise<AckAnswer<EventParams<EmitEvents, Event>>>;
  }

  /** An event called "message". */
  send(...args: EventParams<EmitEvents, "message">): this {
    this._send(["message", ...args], NO_FLAGS);
    return this;
  }

  /** The same as `send`. */
  write(...args: EventParams<EmitEvents, "message">): this {
    return this.send(...args);
  }

  /** How long an ack may take, in milliseconds. */
  timeout(timeoutMs: number): SocketOperator<EmitEvents, SocketData, true> {
    return new SocketOperator<EmitEvents, SocketData, true>(this, { timeoutMs });
  }

  /** What cannot leave now is dropped. */
  get volatile(): SocketOperator<EmitEvents, SocketData> {
    return new SocketOperator<EmitEvents, SocketData>(this, { volatile: true });
  }

  /** Whether what is sent next is compressed, where the transport compresses at all. */
  compress(compress: boolean): SocketOperator<EmitEvents, SocketData> {
    return new SocketOperator<EmitEvents, SocketData>(this, { compress });
  }

  /** Everybody in the room or rooms but this socket. */
  to(room: string | readonly string[]): Broadcast<EmitEvents, SocketData> {
    return this._broadcast(NO_FLAGS).to(room);
  }

  in(room: string | readonly string[]): Broadcast<EmitEvents, SocketData> {
    return this.to(room);
  }

  /** Everybody in the namespace but this socket and those in the room or rooms. */
  except(room: string | readonly string[]): Broadcast<EmitEvents, SocketData> {
    return this._broadcast(NO_FLAGS).except(room);
  }

  /** Everybody in the namespace but this socket. */
  get broadcast(): Broadcast<EmitEvents, SocketData> {
    return this._broadcast(NO_FLAGS);
  }

  /** The same, but on this server only. */
  get local(): Broadcast<EmitEvents, SocketData> {
    return this._broadcast({ local: true });
  }
}
