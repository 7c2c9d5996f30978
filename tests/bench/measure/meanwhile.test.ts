import { expect, test } from "vitest";
import { meanwhile } from "./meanwhile.ts";

const STRETCHES = [
  { beganAt: 1_000_000, seconds: 0.1 },
  { beganAt: 2_000_000, seconds: 0.1 },
];

test("what was due outside is not counted, whenever it was answered", () => {
  const timed = [
    { dueAt: 999_999, took: 50_000 },
    { dueAt: 1_100_001, took: 10 },
  ];
  expect(meanwhile(timed, STRETCHES)).toEqual({ tookMs: [], answered: 0 });
});

test("what was due within a stretch is counted, and whether it was answered before that stretch was over", () => {
  const timed = [
    { dueAt: 2_050_000, took: 60_000 },
    { dueAt: 1_000_000, took: 100_000 },
    { dueAt: 1_050_000, took: 2_000 },
  ];
  expect(meanwhile(timed, STRETCHES)).toEqual({ tookMs: [2, 60, 100], answered: 2 });
});
