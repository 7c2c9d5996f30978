import type { Timer, Timers } from "../clock.ts";
import { RealtimeError } from "../errors.ts";

/** Called once: with the answer's arguments, or with why there is none. MUST NOT throw. */
export type SettleAck = (error: RealtimeError | null, answer: readonly unknown[]) => void;

interface Pending {
  readonly settle: SettleAck;
  readonly timer: Timer | undefined;
}

/** Answers that one socket waits for, by id; both ends keep one. SPEC S20 to S23. */
export class AckTable {
  readonly #timers: Timers;
  readonly #pending = new Map<number, Pending>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Those that wait. */
  get ids(): number[] {
    return [...this.#pending.keys()];
  }

  /** The id MUST NOT be in use. Without `timeoutMs` the answer may come at any time while the socket lives. */
  add(id: number, settle: SettleAck, timeoutMs?: number): void {
    const timer =
      timeoutMs === undefined ? undefined : this.#timers.setTimer(() => this.fail(id, timedOut()), timeoutMs);
    this.#pending.set(id, { settle, timer });
  }

  /** Does nothing when nobody waits for this id (any more): late and invented answers are nothing to worry about. */
  answer(id: number, answer: readonly unknown[]): void {
    this.#take(id)?.(errorInAnswer(answer), answer);
  }

  fail(id: number, error: RealtimeError): void {
    this.#take(id)?.(error, []);
  }

  /** Drops the wait without calling anybody. */
  forget(id: number): void {
    this.#take(id);
  }

  /** All but those whose answer may still come, because their event has not been sent yet. */
  failAll(error: RealtimeError, mayCome?: (id: number) => boolean): void {
    for (const id of this.ids) if (!mayCome?.(id)) this.fail(id, error);
  }

  #take(id: number): SettleAck | undefined {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    this.#pending.delete(id);
    this.#timers.clearTimer(pending.timer);
    return pending.settle;
  }
}

export function timedOut(): RealtimeError {
  return new RealtimeError("ack_timeout", "operation has timed out");
}

/**
 * How a handler that threw answers for itself (SPEC S24): the ack's only argument is `{ "$error": { message, data? } }`.
 * A stock peer gets that object; ours turn it into a rejection.
 */
export interface AckErrorAnswer {
  readonly $error: { readonly message: string; readonly data?: unknown };
}

/** What the handler said, if that is what the answer is. */
export function errorInAnswer(answer: readonly unknown[]): RealtimeError | null {
  const { $error } = Object(answer.length === 1 && answer[0]) as { $error?: unknown };
  if (typeof $error !== "object" || $error === null) return null;
  const { message, data } = $error as Record<string, unknown>;
  const text = typeof message === "string" ? message : "the handler failed";
  return new RealtimeError("handler_failed", text, { data });
}

/**
 * What the peer may know of an error. Messages can hold secrets (a query, a path), so one is passed on only when the
 * thrower said so with `expose: true`, as http-errors and Koa have it; `data` goes along then.
 */
export function toErrorAnswer(error: unknown, event: string | number): AckErrorAnswer {
  const { expose, message, data } = Object(error) as Record<string, unknown>;
  if (expose === true && typeof message === "string") return { $error: { message, data } };
  return { $error: { message: `the handler of "${event}" failed` } };
}
