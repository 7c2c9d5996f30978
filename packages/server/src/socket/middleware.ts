import { type ExtendedError, RealtimeError } from "@bowline/protocol";
import { contain, type Listener } from "@bowline/protocol/internal";

/**
 * Runs in the order of `use`. Calling `next()` goes on, `next(err)` refuses: `err.message` and `err.data` go to the
 * client. One that does neither leaves the client waiting; the number of parameters is not looked at, since a wrapper
 * (tracing, for one) hides it and a guard would then be passed by.
 */
export type Middleware<Subject> = (subject: Subject, next: (error?: ExtendedError) => void) => unknown;

export interface Refusal {
  readonly error: unknown;
  /** It threw, which is a failure and not a decision. */
  readonly thrown: boolean;
}

/**
 * Calls `done` once: with nothing, or with the first refusal. What a middleware throws or rejects with goes to `failed`
 * as well, also after it called `next`, when it refuses nothing any more. Neither may throw: `next` may be called from
 * a timer of the application's, where nobody catches.
 */
export function runMiddleware<Subject>(
  chain: readonly Middleware<Subject>[],
  subject: Subject,
  done: (refusal?: Refusal) => void,
  failed: (error: unknown) => void,
): void {
  const step = (index: number): void => {
    const middleware = chain[index];
    if (!middleware) return done();
    let settled = false;
    const settle = (refusal?: Refusal): void => {
      if (settled) return;
      settled = true;
      if (refusal) done(refusal);
      else step(index + 1);
    };
    const next = (error?: ExtendedError): void => settle(error && { error, thrown: false });
    contain(middleware as Listener, [subject, next], (error) => {
      failed(error);
      settle({ error, thrown: true });
    });
  };
  step(0);
}

/**
 * What the client is told. What is thrown may hold a secret; it reaches the client only when it says `expose: true`, as
 * S24 has it for acks.
 */
export function refusalAnswer(
  { error, thrown }: Refusal,
  generic: string,
): { message: string; data?: unknown } {
  const { message, data, expose } = Object(error) as { message?: unknown; data?: unknown; expose?: unknown };
  if (thrown && expose !== true) return { message: generic };
  // `next("text")` is no error, but what is meant is plain.
  const text = [error, message].find((one) => typeof one === "string") ?? generic;
  return data === undefined ? { message: text } : { message: text, data };
}

/** @throws RealtimeError `invalid_argument` */
export function assertMiddleware(middleware: unknown, parameters = "(socket, next)"): void {
  if (typeof middleware === "function") return;
  throw new RealtimeError("invalid_argument", `use() takes a function ${parameters}`);
}
