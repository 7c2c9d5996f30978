import type { Clock, Timer } from "./clock.ts";

export interface VirtualClock extends Clock {
  /** Moves time on and runs what falls due on the way, in order; microtasks are let through after each timer. */
  advance(byMs: number): Promise<void>;
  /** Timers that are set and have not fired. */
  readonly pending: number;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. Starts at 0. */
export function virtualClock(): VirtualClock {
  const entries = new Set<Entry>();
  let now = 0;
  let order = 0;

  const nextDue = (limit: number): Entry | undefined => {
    let best: Entry | undefined;
    for (const entry of entries) {
      if (entry.at > limit) continue;
      if (!best || entry.at < best.at || (entry.at === best.at && entry.order < best.order)) best = entry;
    }
    return best;
  };

  return {
    now: () => now,
    setTimer(run, delayMs): Timer {
      const entry: Entry = {
        at: now + (delayMs > 0 ? delayMs : 0), // NaN is at once, as with setTimeout
        order: order++,
        run,
      };
      entries.add(entry);
      return entry;
    },
    clearTimer(timer): void {
      entries.delete(timer as Entry);
    },
    async advance(byMs): Promise<void> {
      const limit = now + Math.max(0, byMs);
      await settle();
      for (let due = nextDue(limit); due; due = nextDue(limit)) {
        entries.delete(due);
        now = due.at;
        due.run();
        await settle();
      }
      now = limit;
    },
    get pending() {
      return entries.size;
    },
  };
}

/** Lets promise reactions that are already under way run, a few links of a chain deep. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 16; turn++) await Promise.resolve();
}
