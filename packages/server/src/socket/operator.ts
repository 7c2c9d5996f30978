import type {
  AckAnswer,
  AllButAck,
  DefaultEventMap,
  EventMap,
  EventName,
  EventNames,
  EventNamesWithAck,
  EventParams,
  WithAckError,
  Untyped,
} from "@bowline/protocol";
import type { SendFlags } from "./arguments.ts";
import type { Broadcast } from "./broadcast.ts";

/** What sends for an operator. Implemented by `Socket`. */
export interface Sender<EmitEvents extends EventMap, SocketData> {
  /** @internal */
  _send(args: readonly [EventName, ...unknown[]], flags: SendFlags): void;
  /** @internal */
  _request(data: readonly [EventName, ...unknown[]], flags: SendFlags): Promise<unknown>;
  /** @internal */
  _broadcast<HasTimeout extends boolean>(flags: SendFlags): Broadcast<EmitEvents, SocketData, HasTimeout>;
}

/** A socket with conditions on what is sent next: `socket.timeout(5000)`, `socket.volatile`. Immutable. */
export class SocketOperator<
  EmitEvents extends EventMap = DefaultEventMap,
  SocketData = Untyped,
  HasTimeout extends boolean = false,
> {
  readonly #sender: Sender<EmitEvents, SocketData>;
  readonly #flags: SendFlags;

  constructor(sender: Sender<EmitEvents, SocketData>, flags: SendFlags) {
    this.#sender = sender;
    this.#flags = flags;
  }

  /** With a timeout the ack is called with an error first: `null`, or a RealtimeError `ack_timeout`. */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: HasTimeout extends true
      ? WithAckError<EventParams<EmitEvents, Event>>
      : EventParams<EmitEvents, Event>
  ): boolean {
    this.#sender._send([event, ...args], this.#flags);
    return true;
  }

  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): Promise<AckAnswer<EventParams<EmitEvents, Event>>> {
    return this.#sender._request([event, ...args], this.#flags) as Promise<
      AckAnswer<EventParams<EmitEvents, Event>>
    >;
  }

  /** An event called "message". */
  send(...args: EventParams<EmitEvents, "message">): this {
    this.#sender._send(["message", ...args], this.#flags);
    return this;
  }

  /** The same as `send`. */
  write(...args: EventParams<EmitEvents, "message">): this {
    return this.send(...args);
  }

  /** How long an ack may take, in milliseconds. */
  timeout(timeoutMs: number): SocketOperator<EmitEvents, SocketData, true> {
    return new SocketOperator(this.#sender, { ...this.#flags, timeoutMs });
  }

  /** What cannot leave now is dropped. */
  get volatile(): SocketOperator<EmitEvents, SocketData, HasTimeout> {
    return new SocketOperator(this.#sender, { ...this.#flags, volatile: true });
  }

  /** Whether it is compressed, where the transport compresses at all. */
  compress(compress: boolean): SocketOperator<EmitEvents, SocketData, HasTimeout> {
    return new SocketOperator(this.#sender, { ...this.#flags, compress });
  }

  to(room: string | readonly string[]): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#broadcast().to(room);
  }

  in(room: string | readonly string[]): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#broadcast().to(room);
  }

  except(room: string | readonly string[]): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#broadcast().except(room);
  }

  get broadcast(): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#broadcast();
  }

  /** Everybody on this server but the socket. */
  get local(): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#broadcast().local;
  }

  #broadcast(): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return this.#sender._broadcast<HasTimeout>(this.#flags);
  }
}
