import type { EventMap, EventName, EventNames, HeardListener, HeardNames } from "@bowline/protocol";
import { type Listener, Listeners } from "@bowline/protocol/internal";

/**
 * The listeners' side of the emitter that Socket.IO's client is built on; `emit` is not here, since it means "send".
 * Inside a listener `this` is the emitter; what one throws or rejects with is reported, and the others run.
 * A base class for the reason that the server's has one.
 */
export abstract class Emitter<Events extends EventMap, Reserved extends EventMap> {
  /** @internal */
  readonly _events: Listeners = new Listeners(this);

  on<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener: HeardListener<Events, Reserved, Event>,
  ): this {
    this._events.on(event, listener as Listener);
    return this;
  }

  once<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener: HeardListener<Events, Reserved, Event>,
  ): this {
    this._events.on(event, listener as Listener, 1);
    return this;
  }

  /** Without a listener all of the event's go, without an event all there are. */
  off<Event extends HeardNames<Events, Reserved>>(
    event?: Event,
    listener?: HeardListener<Events, Reserved, Event>,
  ): this {
    this._events.off(event, listener as Listener | undefined);
    return this;
  }

  /** The same as `on`. */
  addEventListener<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.on(event, listener);
  }

  /** The same as `off`. */
  removeListener<Event extends HeardNames<Events, Reserved>>(
    event?: Event,
    listener?: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.off(event, listener);
  }

  /** The same as `off`. */
  removeEventListener<Event extends HeardNames<Events, Reserved>>(
    event?: Event,
    listener?: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.off(event, listener);
  }

  /** The same as `off`. */
  removeAllListeners<Event extends HeardNames<Events, Reserved>>(
    event?: Event,
    listener?: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.off(event, listener);
  }

  listeners<Event extends HeardNames<Events, Reserved>>(
    event: Event,
  ): HeardListener<Events, Reserved, Event>[] {
    return this._events.list(event) as HeardListener<Events, Reserved, Event>[];
  }

  hasListeners(event: HeardNames<Events, Reserved>): boolean {
    return this._events.has(event);
  }

  /** @internal Tells the listeners; whether there are any. */
  _fire(event: EventNames<Reserved>, ...args: readonly unknown[]): boolean {
    return this._events.dispatch(event, args, (error) => this._failed(error, event));
  }

  /** @internal A listener threw or rejected. MUST NOT throw. */
  abstract _failed(error: unknown, event: EventName): void;
}
