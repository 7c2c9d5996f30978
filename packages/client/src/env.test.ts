import type { Base64 } from "@bowline/protocol";
import { describe, expect, test } from "vitest";
import { envFor as browserFor } from "./env-browser.ts";
import { envFor as nodeFor } from "./env-node.ts";
import { parseUrl } from "./url.ts";

const browser = browserFor({});
const node = nodeFor({});

describe.each<[string, Base64]>([
  ["a browser's", browser.base64],
  ["Node's", node.base64],
])("%s base64", (_name, base64) => {
  const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index * 7);

  test.each([0, 1, 2, 3, 4096, 10_000])("[E3] %d bytes come back as they were", (length) => {
    const part = bytes.subarray(5, 5 + length);
    const text = base64.encode(part);
    expect(text).toBe(Buffer.from(part).toString("base64"));
    expect([...base64.decode(text)]).toEqual([...part]);
  });

  test.each(["AQI", "AQI=", "\nAQ\r\nI=\n", "AQ\nI"])("[E3] %j is read", (text) => {
    expect([...base64.decode(text)]).toEqual([1, 2]);
  });

  test.each(["A", "A===", "AQ=", "=", "AQI==", "A=QI", "AQ-_", "AQI!", "AQÄ=", "=AQI"])(
    "[E3] %j is no base64",
    (text) => {
      expect(() => base64.decode(text)).toThrow();
    },
  );
});

test("[E3] bytes are a Buffer on Node", () => {
  expect(node.base64.decode("AQI=")).toBeInstanceOf(Buffer);
});

test("[C1] Node has no page, so that what is asked of it is nowhere, which is no mistake yet", () => {
  expect(parseUrl(undefined, node.pageUrl).origin).toBe("https://io-was-given-no-address.invalid");
  expect(parseUrl("/chat", node.pageUrl).namespace).toBe("/chat");
});
