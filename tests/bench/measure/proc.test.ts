import { expect, test } from "vitest";
import { parseCpuList } from "./pinning.ts";
import { ticksOf } from "./proc.ts";

test("a process whose name has brackets and blanks has its times where others have them", () => {
  const fields = ["S", ...Array.from({ length: 10 }, () => "7"), "120", "34", "5", "6"];
  expect(ticksOf(`42 (node (a) b) ${fields.join(" ")}`)).toBe(154);
});

test.each([
  ["0", [0]],
  ["0-3", [0, 1, 2, 3]],
  ["1,4-5", [1, 4, 5]],
])("the processors of %s are %j", (list, expected) => expect(parseCpuList(list)).toEqual(expected));
