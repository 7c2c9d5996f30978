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
  test.each([
    [[8, 10, 12], 0.1],
    [[9, 9, 10, 12, 14], 0.15],
    // Half of the turns lie where they lay, whatever the machine did in one of the others.
    [[9, 9, 10, 12, 1_000], 0.15],
  ])("of %j is half of what lies between the quartiles, as a share of the median: %d", (values, expected) =>
    expect(spread(values)).toBeCloseTo(expected),
  );
  test("of one value is none", () => expect(spread([7])).toBe(0));
  test("of nothing is no number", () => expect(spread([])).toBeNaN());
});

describe("ratioOf", () => {
  test("compares what was measured in the same turn", () => {
    // The machine was slow in the second turn, for both.
    expect(ratioOf([1, 10, 1.2], [2, 20, 2])).toEqual({
      value: 0.5,
      spread: expect.closeTo(0.05),
      least: 0.5,
      greatest: 0.6,
    });
  });

  test("leaves no turn out of its range", () => {
    expect(ratioOf([1, 1, 9, 1], [1, 1, 1, 1])).toMatchObject({ value: 1, least: 1, greatest: 9 });
  });

  test("takes as many turns as both have", () => {
    expect(ratioOf([1, 2], [2])).toEqual({ value: 0.5, spread: 0, least: 0.5, greatest: 0.5 });
  });

  test("of what was not measured is none", () => expect(ratioOf([], [1])).toBeUndefined());
});
