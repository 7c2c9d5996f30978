import type { RealtimeError } from "@bowline/protocol";
import type { SettleAck } from "@bowline/protocol/internal";

export interface Job {
  /** Encodes and sends; settles when the ack, its timeout, that so often, or a disconnect came. */
  readonly transmit: (settle: SettleAck | undefined, times: number) => void;
  readonly settle: SettleAck | undefined;
  /** `transmit` threw: it will never be sent. */
  readonly failed: (error: unknown) => void;
}

export interface RetryQueue {
  push(job: Job): void;
  /** To be called at every connection. */
  drain(): void;
}

/**
 * The option `retries`: one event in flight at a time, repeated until it is acked or was sent `retries + 1` times. All at
 * once, and each once, to a server that agreed to resumption: then it is the outbox that repeats, and only what did not come.
 */
export function retryQueue(retries: number, isConnected: () => boolean, isAgreed: () => boolean): RetryQueue {
  // A Set, because from its front things go without moving the rest.
  const jobs = new Set<Job>();
  let sent = 0;
  let inFlight = false;
  const transmit = (job: Job, settle: SettleAck | undefined, times: number): boolean => {
    try {
      job.transmit(settle, times);
      return true;
    } catch (error) {
      jobs.delete(job);
      job.failed(error);
      return false;
    }
  };
  const drain = (): void => {
    if (inFlight || !isConnected()) return;
    if (isAgreed()) {
      for (const job of jobs) {
        jobs.delete(job);
        transmit(job, job.settle, retries + 1);
      }
      return;
    }
    const [job] = jobs;
    if (!job) return;
    inFlight = true;
    sent++;
    const settle: SettleAck = (error, answer) => {
      inFlight = false;
      if (isFinal(error) || sent > retries) {
        jobs.delete(job);
        sent = 0;
        job.settle?.(error, answer);
      }
      drain();
    };
    if (transmit(job, settle, 1)) return;
    inFlight = false;
    sent = 0;
    drain();
  };
  const push = (job: Job): void => {
    jobs.add(job);
    drain();
  };
  return { push, drain };
}

/** A handler that failed did get the event. */
function isFinal(error: RealtimeError | null): boolean {
  return error === null || error.code === "handler_failed";
}
