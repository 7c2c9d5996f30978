import {
  type DefaultEventMap,
  type EventMap,
  type EventName,
  type HeardListener,
  type HeardNames,
  RealtimeError,
} from "@bowline/protocol";
import { type Listener, Listeners } from "@bowline/protocol/internal";

/** What Node's emitters warn above; kept for who asks, nobody is warned. Few set it, so it costs no field. */
const DEFAULT_MAX_LISTENERS = 10;
const maxListeners = new WeakMap<object, number>();

/**
 * The listeners' side of Node's EventEmitter, for all that a server hands out. Its `emit` is not here, since that means
 * "send" on most of them. What a listener throws or rejects with goes to `onError`, and the other listeners run.
 * The house rule against inheritance is broken for this one class: the alternative is fifteen methods in six copies.
 */
export abstract class Emitter<Events extends EventMap = DefaultEventMap, Reserved extends EventMap = object> {
  #listeners: Listeners | undefined;

  /** Inside the listener `this` is the emitter. */
  on<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.#added(event, listener, (events, run) => events.on(event, run));
  }

  addListener<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.on(event, listener);
  }

  once<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.#added(event, listener, (events, run) => events.on(event, run, 1));
  }

  /** Heard before those that are there. */
  prependListener<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.#added(event, listener, (events, run) => events.prepend(event, run));
  }

  prependOnceListener<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.#added(event, listener, (events, run) => events.prepend(event, run, 1));
  }

  /** Without a listener all of the event's go. */
  off<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener?: HeardListener<Events, Reserved, Event>,
  ): this {
    const gone = listener ? [listener as Listener] : this._events.list(event);
    for (const run of gone) {
      this._events.off(event, run);
      this.#tell("removeListener", event, run);
    }
    return this;
  }

  removeListener<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener: HeardListener<Events, Reserved, Event>,
  ): this {
    return this.off(event, listener);
  }

  /** Without an event all there are. */
  removeAllListeners(event?: HeardNames<Events, Reserved>): this {
    if (event === undefined) this._events.off();
    else this.off(event);
    return this;
  }

  listeners<Event extends HeardNames<Events, Reserved>>(
    event: Event,
  ): HeardListener<Events, Reserved, Event>[] {
    return this._events.list(event) as HeardListener<Events, Reserved, Event>[];
  }

  /** The same: `once` wraps nothing here. */
  rawListeners<Event extends HeardNames<Events, Reserved>>(
    event: Event,
  ): HeardListener<Events, Reserved, Event>[] {
    return this.listeners(event);
  }

  listenerCount<Event extends HeardNames<Events, Reserved>>(
    event: Event,
    listener?: HeardListener<Events, Reserved, Event>,
  ): number {
    const all = this._events.list(event);
    return listener ? all.filter((run) => run === listener).length : all.length;
  }

  eventNames(): HeardNames<Events, Reserved>[] {
    return this._events.names() as HeardNames<Events, Reserved>[];
  }

  setMaxListeners(count: number): this {
    maxListeners.set(this, count);
    return this;
  }

  getMaxListeners(): number {
    return maxListeners.get(this) ?? DEFAULT_MAX_LISTENERS;
  }

  /** @internal Made when first used. One that speaks for another emitter gives that one's. */
  get _events(): Listeners {
    this.#listeners ??= new Listeners(this);
    return this.#listeners;
  }

  /** @internal Whether anybody has ever listened to anything here: for where asking for the event would cost too much. */
  get _isHeard(): boolean {
    return this.#listeners !== undefined;
  }

  /** @internal Whether anybody listens to it; makes nothing. */
  _hears(event: EventName): boolean {
    return this.#listeners?.has(event) ?? false;
  }

  /** @internal Tells the listeners, if there are any; false if there are none. */
  _fire(event: EventName, args: readonly unknown[]): boolean {
    if (!this.#listeners) return false;
    return this.#listeners.dispatch(event, args, (error) => this._listenerFailed(error, event, args));
  }

  /** @internal A listener threw or rejected. MUST NOT throw. */
  abstract _listenerFailed(error: unknown, event: EventName, args: readonly unknown[]): void;

  #added(event: EventName, listener: unknown, add: (events: Listeners, run: Listener) => void): this {
    if (typeof listener !== "function") {
      const what = listener === null ? "null" : typeof listener;
      throw new RealtimeError("invalid_argument", `a listener of "${event}" must be a function, not ${what}`);
    }
    // As Node has it: who watches is told before the listener is there.
    this.#tell("newListener", event, listener);
    add(this._events, listener as Listener);
    return this;
  }

  #tell(what: "newListener" | "removeListener", event: EventName, listener: unknown): void {
    if (this._hears(what)) this._fire(what, [event, listener]);
  }
}
