import { describe, expect, it } from "vitest";
import { virtualClock } from "./testing.ts";

describe("virtualClock", () => {
  it("[P3] stands still until it is moved", async () => {
    const clock = virtualClock();
    expect(clock.now()).toBe(0);
    await clock.advance(5);
    expect(clock.now()).toBe(5);
    await clock.advance(-3);
    expect(clock.now()).toBe(5);
  });

  it("[P3] runs what falls due in order of time, then of setting, at the time it was due", async () => {
    const clock = virtualClock();
    const ran: string[] = [];
    const note = (name: string) => (): void => void ran.push(`${name}@${clock.now()}`);
    clock.setTimer(note("c"), 20);
    clock.setTimer(note("a"), 10);
    clock.setTimer(note("b"), 10);
    clock.setTimer(note("never"), 31);
    await clock.advance(30);
    expect(ran).toEqual(["a@10", "b@10", "c@20"]);
    expect([clock.now(), clock.pending]).toEqual([30, 1]);
  });

  it("[P3] timers set by timers run when they fall due on the way", async () => {
    const clock = virtualClock();
    const at: number[] = [];
    const again = (): void => {
      at.push(clock.now());
      clock.setTimer(again, 10);
    };
    clock.setTimer(again, 10);
    await clock.advance(35);
    expect(at).toEqual([10, 20, 30]);
  });

  it("[P3] lets promises run between timers", async () => {
    const clock = virtualClock();
    const ran: string[] = [];
    clock.setTimer(() => void Promise.resolve().then(() => ran.push("promise")), 1);
    clock.setTimer(() => void ran.push("timer"), 2);
    await clock.advance(2);
    expect(ran).toEqual(["promise", "timer"]);
  });

  it("[P3] a timer that was cleared, or fired, may be cleared again", async () => {
    const clock = virtualClock();
    const ran: string[] = [];
    const cleared = clock.setTimer(() => void ran.push("cleared"), 1);
    const fired = clock.setTimer(() => void ran.push("fired"), 1);
    clock.clearTimer(cleared);
    clock.clearTimer(cleared);
    await clock.advance(1);
    clock.clearTimer(fired);
    expect(ran).toEqual(["fired"]);
  });

  it.each([0, -5, Number.NaN])("[P3] a delay of %d is at once, but not within the call", async (delay) => {
    const clock = virtualClock();
    let ran = false;
    clock.setTimer(() => (ran = true), delay);
    expect(ran).toBe(false);
    await clock.advance(0);
    expect([ran, clock.now()]).toEqual([true, 0]);
  });
});
