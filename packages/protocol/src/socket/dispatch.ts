import { contain, type Listeners } from "../listeners.ts";
import { type AckErrorAnswer, toErrorAnswer } from "./ack-table.ts";
import type { EventName } from "./packet.ts";

/** Sends the answer to an event that wants one. What comes after the first does nothing; it throws what `encode` does. */
export type Answer = (...answer: readonly unknown[]) => void;

/**
 * Gives an event to its listeners. One that throws or rejects is reported to `failed`, and answers for the event when
 * the peer wants an answer and has none yet (SPEC S24).
 */
export function dispatchEvent(
  listeners: Listeners,
  [event, ...args]: readonly [EventName, ...unknown[]],
  answer: Answer | undefined,
  failed: (error: unknown) => void,
): boolean {
  if (answer) args.push(answer);
  return listeners.dispatch(event, args, (error) => {
    failed(error);
    if (answer) answerWithError(answer, toErrorAnswer(error, event), event);
  });
}

/** What the error says of itself may be impossible to send; that there was one can always be said. */
export function answerWithError(answer: Answer, error: AckErrorAnswer, event: EventName): void {
  contain(answer, [error], () => answer(toErrorAnswer(undefined, event)));
}
