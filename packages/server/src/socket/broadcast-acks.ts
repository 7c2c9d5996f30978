import { type ErrorCode, RealtimeError } from "@bowline/protocol";
import type { Clock } from "@bowline/protocol/internal";
import type { Member } from "./member.ts";

/** Some receivers of a broadcast did not answer; `responses` has the answers of those that did. */
export class BroadcastAckError extends RealtimeError {
  readonly responses: readonly unknown[];

  constructor(code: ErrorCode, message: string, responses: readonly unknown[]) {
    super(code, message);
    this.responses = responses;
  }
}

/** Called once, with an answer for each receiver; with an error as well when some are missing. */
export type BroadcastAck = (error: BroadcastAckError | null, responses: readonly unknown[]) => void;

interface Options {
  readonly id: number;
  readonly members: readonly Member[];
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Collects the first argument of every receiver's answer. */
export function collectAcks({ id, members, timeoutMs, clock }: Options, done: BroadcastAck): void {
  const responses: unknown[] = [];
  let waiting = members.length;
  if (waiting === 0) return done(null, responses);

  const finish = (error: BroadcastAckError | null): void => {
    clock.clearTimer(timer);
    for (const member of members) member._forgetAck(id);
    done(error, responses);
  };
  const timer = clock.setTimer(
    () => finish(new BroadcastAckError("ack_timeout", "operation has timed out", responses)),
    timeoutMs,
  );
  for (const member of members) {
    member._awaitAck(id, (error, answer) => {
      // Who answered with an error did answer.
      if (!error || answer.length > 0) responses.push(answer[0]);
      if (--waiting > 0) return;
      const gone = members.length - responses.length;
      const left = `${gone} of ${members.length} receivers left before they answered`;
      finish(gone === 0 ? null : new BroadcastAckError("disconnected", left, responses));
    });
  }
}
