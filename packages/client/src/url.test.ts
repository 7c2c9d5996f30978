import { describe, expect, test } from "vitest";
import { isLocal, parseUrl } from "./url.ts";

const page = "https://page.example:8443";

describe("parseUrl", () => {
  test.each([
    ["http://localhost:3000", "http://localhost:3000", "/"],
    ["http://example.com:80/chat", "http://example.com", "/chat"],
    ["wss://Example.com:443/a/b", "https://example.com", "/a/b"],
    ["ws://[::1]:3000/x", "http://[::1]:3000", "/x"],
    ["http://user:pass@example.com", "http://example.com", "/"],
    ["http://example.com/ünï/../x", "http://example.com", "/ünï/../x"],
    ["http://example.com/x?a=1#f", "http://example.com", "/x"],
    ["example.com:3000/x", "https://example.com:3000", "/x"],
    ["/admin", page, "/admin"],
    ["//other.example/x", "https://other.example", "/x"],
    [undefined, page, "/"],
  ])("[C1] %s names %s and the namespace %s", (url, origin, namespace) => {
    expect(parseUrl(url, page)).toMatchObject({ origin, namespace });
  });

  test("[C1] the scheme that is missing is the page's", () => {
    expect(parseUrl("example.com", "http://localhost").origin).toBe("http://example.com");
  });

  test("[C1] the query is the URL's", () => {
    expect(parseUrl("http://a?x=1&y=%C3%BC+b", undefined).query).toEqual({ x: "1", y: "ü b" });
  });

  test.each(["", "http://", "http://a b", "http://a:port", "ftp://a"])("[C2] %j is refused", (url) => {
    expect(() => parseUrl(url, undefined)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });

  test("[C2] outside a page there must be a URL", () => {
    expect(() => parseUrl(undefined, undefined)).toThrow(/needs the server's address/);
    expect(() => parseUrl("/chat", undefined)).toThrow(/needs the server's address/);
  });
});

test("[C32] the own machine is known", () => {
  expect(["http://localhost", "http://localhost:3000"].map(isLocal)).toEqual([true, true]);
  expect(["http://localhost.example", "http://127.0.0.1:3000"].map(isLocal)).toEqual([false, false]);
});
