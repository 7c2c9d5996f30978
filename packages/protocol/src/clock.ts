/** What a `Clock` gave for a timer; only that clock reads it. */
export type Timer = object | number;

/** Something that can be done later. */
export interface Timers {
  setTimer(run: () => void, delayMs: number): Timer;
  /** Clearing a timer that fired, was cleared or never was does nothing. */
  clearTimer(timer: Timer | undefined): void;
}

/**
 * Time, handed in. Nothing in the engines or the socket layers reads another clock, so a test can run hours of
 * heartbeats in a millisecond (`virtualClock()` of `@bowline/protocol/testing`).
 */
export interface Clock extends Timers {
  /** Milliseconds that only ever grow; not the time of day. */
  now(): number;
}
