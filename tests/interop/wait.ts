import { inspect } from "node:util";
import type { ClientManager, Emitter, Handler } from "./surface.ts";

export const WAIT_MS = 5_000;

interface Catching {
  onAny?(listener: Handler): unknown;
  offAny?(listener: Handler): unknown;
}

type Waitable = (Emitter | ClientManager) & Catching;

const LIFECYCLE = ["connect", "connect_error", "disconnect", "disconnecting", "error", "upgrade", "close"];

/** Rejects with `describe()` when the promise does not settle in time. */
export async function within<T>(
  promise: Promise<T>,
  describe: () => string,
  ms: number = WAIT_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${ms} ms: ${describe()}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The arguments of the next `event`; rejects with what was seen instead. */
export async function once(emitter: Waitable, event: string, ms: number = WAIT_MS): Promise<unknown[]> {
  const [args] = await times(emitter, event, 1, ms);
  return args ?? [];
}

/** The arguments of the next `count` events of that name, in order. */
export async function times(
  emitter: Waitable,
  event: string,
  count: number,
  ms: number = WAIT_MS,
): Promise<unknown[][]> {
  const got: unknown[][] = [];
  const watch = watchOthers(emitter);
  let listener: Handler = () => undefined;
  const done = new Promise<void>((resolve) => {
    listener = (...args) => {
      if (got.push([...args]) === count) resolve();
    };
    emitter.on(event, listener);
  });
  try {
    await within(
      done,
      () => `${got.length} of ${count} "${event}"; seen: ${watch.seen.join(", ") || "nothing"}`,
      ms,
    );
    return got;
  } finally {
    emitter.off(event, listener);
    watch.stop();
  }
}

function watchOthers(emitter: Waitable): { readonly seen: string[]; stop(): void } {
  const seen: string[] = [];
  const note = (name: string, args: readonly unknown[]): void => {
    if (seen.length < 20) seen.push(`${name}(${args.map(brief).join(", ")})`);
  };
  const listeners = LIFECYCLE.map((name): [string, Handler] => [name, (...args) => note(name, args)]);
  for (const [name, listener] of listeners) emitter.on(name, listener);
  const any: Handler = (name: string, ...args: unknown[]) => note(name, args);
  emitter.onAny?.(any);
  return {
    seen,
    stop() {
      for (const [name, listener] of listeners) emitter.off(name, listener);
      emitter.offAny?.(any);
    },
  };
}

function brief(value: unknown): string {
  return value instanceof Error
    ? String(value)
    : inspect(value, { depth: 2, breakLength: Infinity }).slice(0, 80);
}

/** What a socket receives, in order, as `[event, ...args]`. */
export interface Inbox {
  readonly events: unknown[][];
  /** What has arrived when the fence did; the fence is not part of it. */
  upToFence(send: (fence: string) => void): Promise<unknown[][]>;
}

const FENCE = /^fence \d+$/;
let fences = 0;

/** Of events of these names; without any, of all that a client receives. */
export function inbox(socket: Emitter & Catching, ...names: string[]): Inbox {
  const events: unknown[][] = [];
  const note = (event: string, ...args: unknown[]): void => {
    // Another socket's fence, when it was broadcast, is none of this one's business.
    if (!FENCE.test(event)) events.push([event, ...args]);
  };
  for (const name of names) socket.on(name, (...args) => note(name, ...args));
  if (names.length === 0) socket.onAny?.(note);
  return {
    events,
    async upToFence(send) {
      const name = `fence ${(fences += 1)}`;
      const passed = new Promise<void>((resolve) => {
        const listener = (): void => {
          socket.off(name, listener);
          resolve();
        };
        socket.on(name, listener);
      });
      send(name);
      await within(passed, () => `no ${name}; got ${brief(events)}`);
      return events;
    },
  };
}

/** Returns when what was sent before has arrived there. */
export async function fence(from: { emit(event: string): unknown }, to: Emitter): Promise<void> {
  const name = `fence ${(fences += 1)}`;
  const passed = once(to, name);
  from.emit(name);
  await passed;
}

/** Polls a condition that has no event, at every turn of the loop. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`after ${WAIT_MS} ms: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The ack callback among an event's arguments. */
export function ackOf(args: readonly unknown[]): (...answer: unknown[]) => void {
  const last = args.at(-1);
  if (typeof last !== "function") throw new Error(`no ack in ${brief(args)}`);
  return (...answer) => {
    Reflect.apply(last, undefined, answer);
  };
}
