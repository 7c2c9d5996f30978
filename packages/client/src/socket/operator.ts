import type {
  AckAnswer,
  AllButAck,
  EventMap,
  EventNames,
  EventNamesWithAck,
  EventParams,
  WithAckError,
} from "@bowline/protocol";
import type { EmitFlags, Outbox } from "./outbox.ts";

/**
 * What `socket.timeout(ms)` and `socket.volatile` give: the socket's ways to send, under a condition. Immutable, so it
 * can be kept and used often. `Timed` says that acks may time out, and so take an error first.
 */
export class EmitOperator<EmitEvents extends EventMap, Timed extends boolean> {
  readonly #outbox: Outbox;
  readonly #flags: EmitFlags;

  constructor(outbox: Outbox, flags: EmitFlags) {
    this.#outbox = outbox;
    this.#flags = flags;
  }

  /** Events that cannot leave at once are dropped. */
  get volatile(): EmitOperator<EmitEvents, Timed> {
    return new EmitOperator(this.#outbox, { ...this.#flags, volatile: true });
  }

  /** See `socket.compress`. */
  compress(_compress: boolean): this {
    return this;
  }

  /** Acks must come within `ms` milliseconds. */
  timeout(ms: number): EmitOperator<EmitEvents, true> {
    return new EmitOperator(this.#outbox, { ...this.#flags, ackTimeout: ms });
  }

  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: Timed extends true
      ? WithAckError<EventParams<EmitEvents, Event>>
      : EventParams<EmitEvents, Event>
  ): this {
    this.#outbox.emit(this.#flags, event, args);
    return this;
  }

  /** @throws RealtimeError `ack_timeout`, `disconnected`, `handler_failed` (as rejections) */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): Promise<AckAnswer<EventParams<EmitEvents, Event>>> {
    return emitWithAck(this.#outbox, this.#flags, event, args) as Promise<
      AckAnswer<EventParams<EmitEvents, Event>>
    >;
  }

  /** Emits "message". */
  send(...args: readonly unknown[]): this {
    this.#outbox.emit(this.#flags, "message", args);
    return this;
  }
}

export function emitWithAck(
  outbox: Outbox,
  flags: EmitFlags,
  event: string | number,
  args: readonly unknown[],
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    outbox.emit(flags, event, args, (error, answer) => (error ? reject(error) : resolve(answer[0])));
  });
}
