import type { Timed } from "../load/meter.ts";

/** When something was under way. */
export interface Stretch {
  /** In microseconds of the clock that all processes share. */
  readonly beganAt: number;
  readonly seconds: number;
}

export interface Meanwhile {
  /** How long it took, in ascending order. */
  readonly tookMs: readonly number[];
  /** So much of it came before the other was at its end. */
  readonly answered: number;
}

/** What was asked for while something else was under way. */
export function meanwhile(timed: readonly Timed[], stretches: readonly Stretch[]): Meanwhile {
  const tookMs: number[] = [];
  let answered = 0;
  for (const { beganAt, seconds } of stretches) {
    const endedAt = beganAt + seconds * 1e6;
    for (const { dueAt, took } of timed) {
      if (dueAt < beganAt || dueAt > endedAt) continue;
      tookMs.push(took / 1_000);
      if (dueAt + took <= endedAt) answered += 1;
    }
  }
  return { tookMs: tookMs.toSorted((a, b) => a - b), answered };
}
