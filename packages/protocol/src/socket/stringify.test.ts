import { afterEach, expect, test } from "vitest";
import { stringifyJson } from "./stringify.ts";

interface WithToJson {
  toJSON?: () => unknown;
}

afterEach(() => {
  delete (Array.prototype as WithToJson).toJSON;
});

const EVERY_UNIT = Array.from({ length: 0x1_00_00 }, (_, unit) => String.fromCharCode(unit));

const VALUES: readonly unknown[] = [
  ...[
    "",
    "a",
    "é ✓ 😀",
    "\ud83d",
    "\ude00\ud83d",
    '"',
    "\\",
    "\n",
    "\u2028",
    "x".repeat(2_000),
    `${"x".repeat(2_000)}"`,
  ],
  ...[0, -0, 1.5, -1e-7, 1e21, Number.MAX_SAFE_INTEGER, Number.NaN, Infinity, -Infinity],
  ...[true, false, null, undefined, Symbol("a"), () => 1],
  ...[{}, { a: [1, "b"] }, [], ["a"], new Date(0), Object("a"), Object(1), { toJSON: () => "own" }],
];

test("[S3] it is what JSON.stringify gives, for every unit of a text", () => {
  for (const unit of EVERY_UNIT) {
    for (const text of [unit, `a${unit}`, `${unit}a`])
      expect(stringifyJson(["e", text])).toBe(JSON.stringify(["e", text]));
  }
});

test("[S3] it is what JSON.stringify gives, for lists of all kinds of values", () => {
  for (const one of VALUES) {
    expect(stringifyJson(one)).toBe(JSON.stringify(one));
    expect(stringifyJson([one])).toBe(JSON.stringify([one]));
    for (const other of VALUES) expect(stringifyJson([one, other])).toBe(JSON.stringify([one, other]));
  }
  expect(stringifyJson([])).toBe("[]");
  expect(stringifyJson(Array.from({ length: 2 }))).toBe("[null,null]");
  // oxlint-disable-next-line no-sparse-arrays -- what it is about
  expect(stringifyJson(["a", , "b"])).toBe('["a",null,"b"]');
});

test("[S3] a list that says itself what it is in JSON is asked", () => {
  const list = Object.assign(["a"], { toJSON: () => ["b"] });
  expect(stringifyJson(list)).toBe('["b"]');
  (Array.prototype as WithToJson).toJSON = () => "of all";
  expect(stringifyJson(["a"])).toBe('"of all"');
});

test("[S3] what cannot be said in JSON throws what JSON.stringify throws", () => {
  expect(() => stringifyJson(["a", 1n])).toThrow(TypeError);
});
