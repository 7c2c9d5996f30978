import { type Base64, RealtimeError } from "@bowline/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
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

describe("a browser's streaming fetch", () => {
  const url = "http://server/";
  const options = { extraHeaders: { a: "b" }, withCredentials: true };
  const asked: (RequestInit | undefined)[] = [];
  const parts: string[] = [];
  const onText = (text: string): number => parts.push(text);
  const init = { method: "GET", body: null, signal: new AbortController().signal, onText } as const;

  function answerWith(body: BodyInit | null, status = 200): void {
    asked.length = parts.length = 0;
    vi.stubGlobal("fetch", (_url: string, given?: RequestInit) => {
      asked.push(given);
      return Promise.resolve(new Response(body, { status }));
    });
  }

  function streamOf(...chunks: (Uint8Array | Error)[]): ReadableStream<Uint8Array> {
    return new ReadableStream({
      pull(controller) {
        const chunk = chunks.shift();
        if (!chunk) controller.close();
        else if (chunk instanceof Error) controller.error(chunk);
        else controller.enqueue(chunk);
      },
    });
  }

  afterEach(() => vi.unstubAllGlobals());

  test("[V36] gives the text of a 200 as it comes, whole characters only", async () => {
    const bytes = new TextEncoder().encode("data:4\u{1f600}é\n");
    answerWith(streamOf(bytes.subarray(0, 8), bytes.subarray(8, 11), bytes.subarray(11)));
    expect(await browser.fetch(url, init, options)).toEqual({ status: 200, text: "" });
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join("")).toBe("data:4\u{1f600}é\n");
    expect(asked).toEqual([
      expect.objectContaining({ credentials: "include", headers: { accept: "text/event-stream", a: "b" } }),
    ]);
    expect(asked[0]).not.toHaveProperty("onText");
  });

  test("[V36] rejects when it breaks off", async () => {
    answerWith(streamOf(new TextEncoder().encode("data:4a\n"), new Error("reset")));
    await expect(browser.fetch(url, init, options)).rejects.toThrow("reset");
    expect(parts).toEqual(["data:4a\n"]);
  });

  test("[V36] gives another answer whole, and so where nothing streams", async () => {
    answerWith("unknown", 400);
    expect(await browser.fetch(url, init, options)).toEqual({ status: 400, text: "unknown" });
    answerWith(null);
    expect(await browser.fetch(url, init, options)).toEqual({ status: 200, text: "" });
    expect(parts).toEqual([]);
  });

  test("[U58] what is small goes out though the page does not stay", async () => {
    for (const [body, keepalive] of [
      ["41", true],
      ["x".repeat(999), true],
      ["x".repeat(1000), false],
      [null, false],
    ] as const) {
      answerWith("ok");
      await browser.fetch(url, { ...init, method: "POST", body, onText: undefined }, options);
      expect(asked[0]?.keepalive).toBe(keepalive);
    }
  });

  test("[V36] others are not streamed", async () => {
    answerWith("text");
    expect(await browser.fetch(url, { ...init, onText: undefined }, options)).toEqual({
      status: 200,
      text: "text",
    });
    expect(asked[0]?.headers).toEqual({ a: "b" });
  });
});

describe("a browser's memory", () => {
  afterEach(() => vi.unstubAllGlobals());

  test("[C6] is the session's storage, which a reload leaves", () => {
    const sessionStorage = {};
    vi.stubGlobal("sessionStorage", sessionStorage);
    expect(browserFor({}).memory).toBe(sessionStorage);
  });

  test("[C6] is shared by all managers where there is none, or the page may not have it", () => {
    expect(browserFor({}).memory).toBe(browser.memory);
    const own = browser.memory;
    vi.stubGlobal("sessionStorage", {});
    Object.defineProperty(globalThis, "sessionStorage", {
      get: () => {
        throw new Error("SecurityError");
      },
      configurable: true,
    });
    expect(browserFor({}).memory).toBe(own);
    expect(nodeFor({}).memory).toBe(node.memory);
  });
});

test("[U50] on Node the network's doings are a warning, mistakes of the program are uncaught", async () => {
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const lost = new RealtimeError("disconnected", "2 events");
  node.reportError(lost);
  expect(await warned).toBe(lost);
});

describe("a browser's page", () => {
  afterEach(() => vi.unstubAllGlobals());

  test("[C81] tells what happens to it and to the network, until it is stopped", () => {
    const page = new EventTarget();
    const connection = new EventTarget();
    const document = { hidden: true };
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("navigator", { connection });
    vi.stubGlobal("document", document);
    const heard: string[] = [];
    const stop = browser.onPage(["online", "change", "visibilitychange"], (event) => heard.push(event));
    page.dispatchEvent(new Event("visibilitychange"));
    page.dispatchEvent(new Event("change"));
    page.dispatchEvent(new Event("offline"));
    expect(heard).toEqual([]);
    document.hidden = false;
    page.dispatchEvent(new Event("visibilitychange"));
    page.dispatchEvent(new Event("online"));
    connection.dispatchEvent(new Event("change"));
    expect(heard).toEqual(["visibilitychange", "online", "change"]);
    stop();
    page.dispatchEvent(new Event("online"));
    connection.dispatchEvent(new Event("change"));
    expect(heard).toHaveLength(3);
  });

  test("[U58] goes only where it will not be back", () => {
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    const heard: string[] = [];
    browser.onPage(["pagehide"], (event) => heard.push(event));
    page.dispatchEvent(Object.assign(new Event("pagehide"), { persisted: true }));
    expect(heard).toEqual([]);
    page.dispatchEvent(Object.assign(new Event("pagehide"), { persisted: false }));
    expect(heard).toEqual(["pagehide"]);
  });

  test("[C81] may have no events, and say nothing of the network", () => {
    vi.stubGlobal("navigator", undefined);
    vi.stubGlobal("addEventListener", undefined);
    browser.onPage(["online", "change"], () => {})();
    vi.stubGlobal("navigator", {});
    browser.onPage(["change"], () => {})();
  });
});
