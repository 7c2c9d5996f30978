import type { EventName, Untyped } from "@bowline/protocol";
import { type Answer, answerWithError, dispatchEvent, type Listeners } from "@bowline/protocol/internal";
import { IN } from "./catch-all.ts";
import {
  assertMiddleware,
  type Middleware,
  type Refusal,
  refusalAnswer,
  runMiddleware,
} from "./middleware.ts";

/** An event on its way to the listeners, with its ack, if it wants one, behind the arguments; may be changed in place. */
export type IncomingEvent = [event: string, ...args: Untyped[]];

/** What an inbox needs of its socket. */
export interface InboxOwner {
  readonly connected: boolean;
  /** @internal */
  readonly _events: Listeners;
  /** @internal */
  readonly _hearsAny: boolean;
  /** @internal */
  _hearsAll(direction: typeof IN): boolean;
  /** @internal */
  _tellAny(direction: typeof IN, data: readonly unknown[]): void;
  /** @internal */
  _fire(event: EventName, args: readonly unknown[]): boolean;
  /** @internal */
  _listenerFailed(error: unknown, event: EventName): void;
  /** @internal The client waits for an answer, and nobody listens who could give it. */
  _unanswered(event: EventName): void;
}

/** What comes to one socket, and who hears of it. */
export class Inbox {
  readonly #owner: InboxOwner;
  /** Made when first used: most sockets have none. */
  #middleware: Middleware<IncomingEvent>[] | undefined;

  constructor(owner: InboxOwner) {
    this.#owner = owner;
  }

  use(middleware: Middleware<IncomingEvent>): void {
    assertMiddleware(middleware, "(event, next)");
    this.#middleware ??= [];
    this.#middleware.push(middleware);
  }

  /** An event of the peer's: catch-all listeners, middleware, listeners. That is Socket.IO's order (SPEC S58). */
  deliver(data: readonly [EventName, ...unknown[]], answer: Answer | undefined): void {
    if (this.#owner._hearsAny || this.#middleware) this.#deliverGuarded([...data] as IncomingEvent, answer);
    else this.#dispatch(data, answer);
  }

  #deliverGuarded(event: IncomingEvent, answer: Answer | undefined): void {
    const [name] = event;
    if (answer) event.push(answer);
    this.#owner._tellAny(IN, event);
    const done = (refusal?: Refusal): void => {
      if (!this.#owner.connected) return;
      if (answer && event.at(-1) === answer) event.pop();
      if (!refusal) return this.#dispatch(event, answer);
      if (!refusal.thrown) this.#owner._fire("error", [refusal.error]);
      const told = refusalAnswer(refusal, `the handler of "${name}" failed`);
      if (answer) answerWithError(answer, { $error: told }, name);
    };
    runMiddleware(this.#middleware ?? [], event, done, (error) => this.#owner._listenerFailed(error, name));
  }

  #dispatch(event: readonly [EventName, ...unknown[]], answer: Answer | undefined): void {
    const failed = (error: unknown): void => this.#owner._listenerFailed(error, event[0]);
    const isHeard = dispatchEvent(this.#owner._events, event, answer, failed);
    // Listeners of all events have the answer as well.
    if (answer && !isHeard && !this.#owner._hearsAll(IN)) this.#owner._unanswered(event[0]);
  }
}
