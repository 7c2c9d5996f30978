import { describe, expect, test } from "vitest";
import { median, quantile, ratioOf, spread } from "./statistics.ts";

describe("median", () => {
  test.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 1], 9],
  ])("of %j is %d", (values, expected) => expect(median(values)).toBe(expected));

  test("leaves what it was given in its order", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  test("of nothing is no number", () => expect(median([])).toBeNaN());
});

describe("quantile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  test.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])("%d of 1 to 100 is %d", (share, expected) => expect(quantile(hundred, share)).toBe(expected));

  test("of nothing is no number", () => expect(quantile([], 0.5)).toBeNaN());
});

describe("spread", () => {
  test("is half of the range as a share of the median", () => expect(spread([9, 10, 12])).toBeCloseTo(0.15));
  test("of one value is none", () => expect(spread([7])).toBe(0));
});

describe("ratioOf", () => {
  test("compares what was measured in the same turn", () => {
    // The machine was slow in the second turn, for both.
    expect(ratioOf([1, 10, 1.2], [2, 20, 2])).toEqual({ value: 0.5, spread: expect.closeTo(0.1) });
  });

  test("takes as many turns as both have", () => {
    expect(ratioOf([1, 2], [2])).toEqual({ value: 0.5, spread: 0 });
  });

  test("of what was not measured is none", () => expect(ratioOf([], [1])).toBeUndefined());
});
