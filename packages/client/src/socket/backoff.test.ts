import { describe, expect, test } from "vitest";
import { backoffDelay } from "./backoff.ts";

const options = { reconnectionDelay: 1000, reconnectionDelayMax: 5000 };

describe("backoffDelay", () => {
  test("[C31] is a random part of a delay that doubles up to the maximum", () => {
    const most = [0, 1, 2, 3, 50].map((failures) => backoffDelay(failures, options, 0.999_999));
    expect(most).toEqual([1000, 2000, 4000, 5000, 5000]);
    expect(backoffDelay(2, options, 0)).toBe(0);
    expect(backoffDelay(2, options, 0.5)).toBe(2000);
  });

  test("[C31] is Socket.IO's formula for who sets randomizationFactor", () => {
    const upstream = { ...options, randomizationFactor: 0.5 };
    expect(backoffDelay(0, upstream, 0.4)).toBe(800); // an even tenth: earlier
    expect(backoffDelay(0, upstream, 0.5)).toBe(1250); // an odd one: later
    expect(backoffDelay(0, { ...options, randomizationFactor: 0 }, 0.9)).toBe(1000);
    expect(backoffDelay(9, upstream, 0.3)).toBe(5000);
  });
});
