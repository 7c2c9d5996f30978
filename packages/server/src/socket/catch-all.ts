import type { EventMap, EventName } from "@bowline/protocol";
import { type Listener, Listeners } from "@bowline/protocol/internal";
import { Emitter } from "../emitter.ts";
import type { AnyListener } from "./socket-events.ts";

/** Directions that catch-all listeners hear. */
export const IN = "in";
export const OUT = "out";

/** The listeners of a socket that hear every event, whatever it is called. */
export abstract class CatchAll<Events extends EventMap, Reserved extends EventMap> extends Emitter<
  Events,
  Reserved
> {
  /** Under `IN` and `OUT`. Most sockets have none. */
  #any: Listeners | undefined;

  /** @internal Whether there may be such listeners. In this object and no other: it is asked for every receiver of a broadcast. */
  get _hearsAny(): boolean {
    return this.#any !== undefined;
  }

  /** @internal */
  _hearsAll(direction: typeof IN | typeof OUT): boolean {
    return this.#any?.has(direction) ?? false;
  }

  /** @internal Tells those of that direction. */
  _tellAny(direction: typeof IN | typeof OUT, data: readonly unknown[]): void {
    this.#any?.dispatch(direction, data, (error) => this._listenerFailed(error, data[0] as EventName, data));
  }

  /** Hears every event that comes in, before the middleware and the event's own listeners. */
  onAny(listener: AnyListener): this {
    this.#all.on(IN, listener as Listener);
    return this;
  }

  prependAny(listener: AnyListener): this {
    this.#all.prepend(IN, listener as Listener);
    return this;
  }

  offAny(listener?: AnyListener): this {
    this.#all.off(IN, listener as Listener | undefined);
    return this;
  }

  listenersAny(): AnyListener[] {
    return this.#all.list(IN) as AnyListener[];
  }

  /** Hears every event that is sent to this client, broadcasts too; acks are none. */
  onAnyOutgoing(listener: AnyListener): this {
    this.#all.on(OUT, listener as Listener);
    return this;
  }

  prependAnyOutgoing(listener: AnyListener): this {
    this.#all.prepend(OUT, listener as Listener);
    return this;
  }

  offAnyOutgoing(listener?: AnyListener): this {
    this.#all.off(OUT, listener as Listener | undefined);
    return this;
  }

  listenersAnyOutgoing(): AnyListener[] {
    return this.#all.list(OUT) as AnyListener[];
  }

  get #all(): Listeners {
    this.#any ??= new Listeners(this);
    return this.#any;
  }
}
