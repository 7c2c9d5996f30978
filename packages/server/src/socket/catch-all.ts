import type { EventMap } from "@bowline/protocol";
import type { Listener, Listeners } from "@bowline/protocol/internal";
import { Emitter } from "../emitter.ts";
import { IN, OUT } from "./inbox.ts";
import type { AnyListener } from "./socket-events.ts";

/** The listeners of a socket that hear every event, whatever it is called. */
export abstract class CatchAll<Events extends EventMap, Reserved extends EventMap> extends Emitter<
  Events,
  Reserved
> {
  /** @internal Under `IN` and `OUT`; made when first used. */
  abstract get _any(): Listeners;

  /** Hears every event that comes in, before the middleware and the event's own listeners. */
  onAny(listener: AnyListener): this {
    this._any.on(IN, listener as Listener);
    return this;
  }

  prependAny(listener: AnyListener): this {
    this._any.prepend(IN, listener as Listener);
    return this;
  }

  offAny(listener?: AnyListener): this {
    this._any.off(IN, listener as Listener | undefined);
    return this;
  }

  listenersAny(): AnyListener[] {
    return this._any.list(IN) as AnyListener[];
  }

  /** Hears every event that is sent to this client, broadcasts too; acks are none. */
  onAnyOutgoing(listener: AnyListener): this {
    this._any.on(OUT, listener as Listener);
    return this;
  }

  prependAnyOutgoing(listener: AnyListener): this {
    this._any.prepend(OUT, listener as Listener);
    return this;
  }

  offAnyOutgoing(listener?: AnyListener): this {
    this._any.off(OUT, listener as Listener | undefined);
    return this;
  }

  listenersAnyOutgoing(): AnyListener[] {
    return this._any.list(OUT) as AnyListener[];
  }
}
