import { expect, test } from "vitest";
import { parseQuery } from "./query.ts";

test("[E9] a query is read as URLSearchParams reads it, and the last of a name counts", () => {
  const texts = [
    "",
    "a=1&b=2",
    "a=1&a=2",
    "a",
    "a=",
    "=a",
    "&&a=1&&",
    "a=b=c",
    "a=%20+%2B",
    "a=%zz&b=%e4%b8",
    "%61=x",
    "a=%C3%A9&é=%",
    "__proto__=1&constructor=2&toString=3",
  ];
  for (const text of texts) {
    const expected: Record<string, string> = Object.create(null);
    for (const [name, value] of new URLSearchParams(text)) expected[name] = value;
    expect(parseQuery(text), text).toEqual(expected);
  }
});

test("[E9] no name is special", () => {
  const query = parseQuery("__proto__=evil&a=1");
  expect(Object.getPrototypeOf(query)).toBeNull();
  expect(query["toString"]).toBeUndefined();
  expect(query["__proto__"]).toBe("evil");
});
