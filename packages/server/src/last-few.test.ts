import { expect, test } from "vitest";
import { LastFew } from "./last-few.ts";

test("[S50] what was made of the last four things is known, of earlier ones it is not", () => {
  const made = new LastFew<string, string>();
  for (const thing of ["a", "b", "c", "d", "e"])
    expect(made.add(thing, `made of ${thing}`)).toBe(`made of ${thing}`);
  expect(["e", "b", "c", "d", "e"].map((thing) => made.get(thing))).toEqual(
    ["e", "b", "c", "d", "e"].map((thing) => `made of ${thing}`),
  );
  expect([made.get("a"), made.get("f")]).toEqual([undefined, undefined]);
});

test("[S50] once forgotten, nothing is known of what was, and all of what comes", () => {
  const made = new LastFew<string, number>();
  made.add("a", 1);
  made.add("b", 2);
  made.clear();
  expect([made.get("a"), made.get("b")]).toEqual([undefined, undefined]);
  made.add("b", 3);
  expect([made.get("a"), made.get("b")]).toEqual([undefined, 3]);
});
