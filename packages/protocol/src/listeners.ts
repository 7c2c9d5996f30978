import type { EventName } from "./socket/packet.ts";

/** Any listener; how its parameters are typed is the affair of whoever owns the `Listeners`. */
// Written as a method so that a parameter may be narrower than `unknown`: `(text: string) => void` is a listener.
export type Listener = { bivariant(...args: readonly unknown[]): unknown }["bivariant"];

interface Entry {
  readonly run: Listener;
  /** How often it still runs: `Infinity`, and for a `once` 1, then 0 for whoever dispatches from inside a listener. */
  left: number;
}

const NOBODY: readonly Entry[] = [];

/**
 * Listeners by event. Unlike an emitter, one that throws or rejects does not keep the others from running and never
 * unwinds into the caller: `dispatch` hands what went wrong to `failed`. Arrays are replaced, never changed, so
 * adding and removing while an event runs is safe.
 */
export class Listeners {
  /** Names are property keys, as everywhere in JavaScript: 7 and "7" are one event. */
  readonly #events = new Map<string, readonly Entry[]>();
  readonly #self: unknown;

  /** `self` is what the listeners have as `this`. */
  constructor(self?: unknown) {
    this.#self = self;
  }

  on(event: EventName, run: Listener, times: number = Infinity): void {
    // Not spread: V8 makes room for sixteen more, which most never have.
    this.#set(event, this.#of(event).concat({ run, left: times }));
  }

  prepend(event: EventName, run: Listener, times: number = Infinity): void {
    this.#set(event, [{ run, left: times }, ...this.#of(event)]);
  }

  /** Without a listener all of the event's go, without an event all there are. Of equal ones the first goes. */
  off(event?: EventName, run?: Listener): void {
    if (event === undefined) this.#events.clear();
    else if (run === undefined) this.#set(event, []);
    else
      this.#remove(
        event,
        this.#of(event).find((entry) => entry.run === run),
      );
  }

  list(event: EventName): Listener[] {
    return this.#of(event).map((entry) => entry.run);
  }

  has(event: EventName): boolean {
    return this.#events.has(`${event}`);
  }

  /** The events that have listeners. */
  names(): string[] {
    return [...this.#events.keys()];
  }

  /** Whether anybody listened. `failed` is called for each listener that threw, and later for each that rejected. */
  dispatch(event: EventName, args: readonly unknown[], failed: (error: unknown) => void): boolean {
    const entries = this.#of(event);
    for (const entry of entries) {
      if (entry.left-- < 1) continue;
      if (entry.left < 1) this.#remove(event, entry);
      contain(entry.run, args, failed, this.#self);
    }
    return entries.length > 0;
  }

  #of(event: EventName): readonly Entry[] {
    return this.#events.get(`${event}`) ?? NOBODY;
  }

  #set(event: EventName, entries: readonly Entry[]): void {
    if (entries.length > 0) this.#events.set(`${event}`, entries);
    else this.#events.delete(`${event}`);
  }

  #remove(event: EventName, gone: Entry | undefined): void {
    this.#set(
      event,
      this.#of(event).filter((entry) => entry !== gone),
    );
  }
}

/** Runs user code so that neither a throw nor a rejection goes anywhere but to `failed`, which MUST NOT throw. */
export function contain(
  run: Listener,
  args: readonly unknown[],
  failed: (error: unknown) => void,
  self?: unknown,
): void {
  try {
    const result = run.apply(self, args as unknown[]);
    if (isThenable(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
