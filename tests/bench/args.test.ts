import { expect, test } from "vitest";
import { readArgs } from "./args.ts";

test("all is run where nothing is named, and nothing is written", () => {
  expect(readArgs([])).toEqual({
    only: [],
    targets: [],
    isQuick: false,
    writes: false,
    out: undefined,
    compared: undefined,
  });
});

test("pnpm's own -- is no word of ours", () => {
  expect(readArgs(["--", "--only", "echo,connect", "--out", "a.json"])).toMatchObject({
    only: ["echo", "connect"],
    out: "a.json",
  });
});

test("two files are compared, neither more nor less", () => {
  expect(readArgs(["--compare", "a.json", "b.json"]).compared).toEqual(["a.json", "b.json"]);
  expect(() => readArgs(["--compare", "a.json"])).toThrow("takes two files, not 1");
  expect(() => readArgs(["--compare", "a.json", "b.json", "c.json"])).toThrow("not 3");
});

test("a word too many is not passed over", () => {
  expect(() => readArgs(["echo"])).toThrow("what is echo?");
});
