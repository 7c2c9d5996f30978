import type { EventMap, EventName, EventPacket, Untyped } from "@bowline/protocol";
import { type Answer, dispatchEvent, type Listener, Listeners } from "@bowline/protocol/internal";
import { LEGACY } from "#extras";
import { Emitter } from "../emitter.ts";

/** For every event: its name, then its arguments. */
export type AnyListener = (event: string, ...args: Untyped[]) => unknown;

const IN = "in";
const OUT = "out";

/** The listeners of one socket, and how events get to them. */
export abstract class Inbox<Events extends EventMap, Reserved extends EventMap> extends Emitter<
  Events,
  Reserved
> {
  /** The listeners of all events, under `IN` and `OUT`. */
  readonly #any = LEGACY ? new Listeners(this) : (undefined as never);

  /** Hears every event that comes in, before the event's own listeners. */
  onAny(listener: AnyListener): this {
    this.#any.on(IN, listener as Listener);
    return this;
  }

  prependAny(listener: AnyListener): this {
    this.#any.prepend(IN, listener as Listener);
    return this;
  }

  offAny(listener?: AnyListener): this {
    this.#any.off(IN, listener as Listener | undefined);
    return this;
  }

  listenersAny(): AnyListener[] {
    return this.#any.list(IN);
  }

  /** Hears every event when it is sent; acks are none. */
  onAnyOutgoing(listener: AnyListener): this {
    this.#any.on(OUT, listener as Listener);
    return this;
  }

  prependAnyOutgoing(listener: AnyListener): this {
    this.#any.prepend(OUT, listener as Listener);
    return this;
  }

  offAnyOutgoing(listener?: AnyListener): this {
    this.#any.off(OUT, listener as Listener | undefined);
    return this;
  }

  listenersAnyOutgoing(): AnyListener[] {
    return this.#any.list(OUT);
  }

  /** @internal An event from the server. */
  _deliver(data: EventPacket["data"], answer: Answer | undefined): void {
    if (LEGACY) this.#notify(IN, answer ? [...data, answer] : data);
    dispatchEvent(this._events, data, answer, (error) => this._failed(error, data[0]));
  }

  /** @internal An event leaves for the server. */
  _sent(data: readonly [EventName, ...unknown[]]): void {
    this.#notify(OUT, data);
  }

  #notify(direction: string, data: readonly unknown[]): void {
    this.#any.dispatch(direction, data, (error) => this._failed(error, String(data[0])));
  }
}
