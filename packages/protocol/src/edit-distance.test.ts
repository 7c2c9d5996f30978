import { expect, test } from "vitest";
import { editDistance } from "./edit-distance.ts";

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["transport", "transports", 1],
  ["pingTimout", "pingTimeout", 1],
  ["parser", "perser", 1],
  ["kitten", "sitting", 3],
])("[O2] from %j to %j it is %i letters", (from, to, letters) => {
  expect([editDistance(from, to), editDistance(to, from)]).toEqual([letters, letters]);
});
