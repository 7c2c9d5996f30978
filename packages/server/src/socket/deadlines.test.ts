import { virtualClock } from "@bowline/protocol/testing";
import { expect, test } from "vitest";
import { Deadlines } from "./deadlines.ts";

test("[S34] items expire in the order added, each after the whole time", async () => {
  const clock = virtualClock();
  const expired: [string, number][] = [];
  const deadlines = new Deadlines<string>(clock, 100, (item) => expired.push([item, clock.now()]));
  deadlines.add("first");
  await clock.advance(60);
  deadlines.add("second");
  await clock.advance(200);
  expect(expired).toEqual([
    ["first", 100],
    ["second", 160],
  ]);
});

test("[S34] one timer for all, and none when nothing waits", async () => {
  const clock = virtualClock();
  const deadlines = new Deadlines<number>(clock, 100, () => expect.unreachable());
  for (let item = 0; item < 1_000; item++) deadlines.add(item);
  expect(clock.pending).toBe(1);
  for (let item = 0; item < 1_000; item++) deadlines.remove(item);
  expect(clock.pending).toBe(0);
  await clock.advance(1_000);
});

test("[S34] one that expires may add another", async () => {
  const clock = virtualClock();
  const expired: number[] = [];
  const deadlines: Deadlines<number> = new Deadlines(clock, 10, (item) => {
    expired.push(item);
    if (item < 3) deadlines.add(item + 1);
  });
  deadlines.add(1);
  await clock.advance(100);
  expect(expired).toEqual([1, 2, 3]);
  expect(clock.pending).toBe(0);
});
