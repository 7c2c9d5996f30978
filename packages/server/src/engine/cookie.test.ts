import { expect, test } from "vitest";
import { cookieOf } from "./cookie.ts";

test("[E41] the cookie is written as the cookie package writes it", () => {
  expect(cookieOf({})("a b")).toBe("io=a%20b; Path=/; HttpOnly; SameSite=Lax");
  const all = cookieOf({
    name: "sid",
    path: "/x",
    domain: "a.example",
    httpOnly: false,
    sameSite: true,
    secure: true,
    maxAge: 1.5,
    expires: new Date(0),
    partitioned: true,
    priority: "high",
    encode: (id) => `<${id}>`,
  });
  const attributes = "Max-Age=1; Domain=a.example; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure";
  expect(all("1")).toBe(`sid=<1>; ${attributes}; Partitioned; Priority=High; SameSite=Strict`);
});

test("[E41] what cannot stand in a cookie is refused before anybody comes", () => {
  for (const options of [{ name: "a;b" }, { path: "/;x" }, { domain: "a\r\nb" }, { maxAge: NaN }]) {
    expect(() => cookieOf(options)).toThrow("cookie.");
  }
});
