import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Context, createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import type { io as Io } from "@bowline/client";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

/** Gzipped at level 9. */
const MAX_BYTES = {
  "bowline.esm.min.js": 10_240,
  "bowline.min.js": 10_240,
  // These have the names besides that are there for code written for Socket.IO, whose own file has 14 700.
  "socket.io.esm.min.js": 11_136,
  "socket.io.min.js": 11_136,
  // Knows nothing of HTTP.
  "bowline.websocket.esm.min.js": 7_168,
} as const;
const FILES = Object.keys(MAX_BYTES) as (keyof typeof MAX_BYTES)[];
const WEBSOCKET = "bowline.websocket.esm.min.js";
const READABLE = "socket.io.js";
const MSGPACK = "socket.io.msgpack.min.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-bundles-"));
  const script = fileURLToPath(new URL("../../packages/client/build-bundles.mjs", import.meta.url));
  execFileSync(process.execPath, [script, folder], { stdio: "inherit" });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

function read(file: string): string {
  return readFileSync(join(folder, file), "utf8");
}

describe.each(FILES)("[C60] %s", (file) => {
  test("is small", () => {
    const text = read(file);
    const bytes = gzipSync(text, { level: 9 }).length;
    console.log(`${file}: ${text.length} bytes, ${bytes} gzipped`);
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES[file]);
  });
});

describe.each([...FILES, READABLE, MSGPACK])("[C60] %s", (file) => {
  test("needs nothing of Node", () => {
    const text = read(file).replaceAll(/\/\/.*|\/\*[^]*?\*\//g, "");
    expect(text).not.toMatch(/\bnode:|\brequire\(|\bfrom\s*["']|\bimport\s*["'(]|\bBuffer\b|\bprocess\b/);
  });

  test("has a source map", () => {
    expect(read(file)).toContain(`sourceMappingURL=${file}.map`);
    expect(JSON.parse(read(`${file}.map`))).toMatchObject({ version: 3 });
  });
});

/** A page without anything but what the client needs; `sockets` are those that it opened. */
function page(more: object = {}): {
  readonly context: Context;
  readonly sockets: PageSocket[];
  readonly WebSocket: unknown;
} {
  const sockets: PageSocket[] = [];
  class WebSocket implements PageSocket {
    readonly sent: unknown[] = [];
    readonly url: string;
    readonly protocols: unknown;
    onopen = (): void => {};
    onmessage = (_event: { data: unknown }): void => {};
    onclose = (_event: { type: string; code: number; reason: string }): void => {};
    constructor(url: string, protocols: unknown) {
      this.url = url;
      this.protocols = protocols;
      sockets.push(this);
    }
    send(frame: unknown): void {
      this.sent.push(frame);
    }
    close(): void {}
  }
  const context = createContext({
    ...{
      WebSocket,
      URL,
      URLSearchParams,
      AbortController,
      TextEncoder,
      TextDecoder,
      performance,
      queueMicrotask,
    },
    setTimeout: () => 1,
    clearTimeout: () => {},
    location: { origin: "https://page.example" },
    ...more,
  });
  return { context, sockets, WebSocket };
}

interface PageSocket {
  readonly url: string;
  readonly protocols: unknown;
  readonly sent: unknown[];
  onopen(): void;
  onmessage(event: { data: unknown }): void;
  onclose(event: { type: string; code: number; reason: string }): void;
}

const HUNG_ON_IT = "Manager,RealtimeError,Socket,connect,default,io,protocol";
const hungOn = (file: string): string =>
  file === "bowline.min.js" ? "Manager,RealtimeError,Socket" : HUNG_ON_IT;

describe.each(["bowline.min.js", "socket.io.min.js", READABLE, MSGPACK])("[C60] %s in a page", (file) => {
  test("defines `io`, with the rest hung on it, and connects", () => {
    const { context, sockets } = page();
    runInContext(read(file), context);
    expect(runInContext("typeof io + Object.keys(io).sort()", context)).toBe(`function${hungOn(file)}`);
    runInContext('globalThis.socket = io("/chat")', context);
    expect(runInContext("socket instanceof io.Socket && socket.io instanceof io.Manager", context)).toBe(
      true,
    );
    expect(sockets.map(({ url }) => url)).toEqual([
      "wss://page.example/socket.io/?EIO=4&transport=websocket",
    ]);
    if (file !== "bowline.min.js")
      expect(runInContext('io.connect("/chat").nsp + io.protocol', context)).toBe("/chat5");
  });

  test("refuses an option that it does not know", () => {
    const { context } = page();
    runInContext(read(file), context);
    expect(() => runInContext('io("/", { reconection: true })', context)).toThrow(
      /unknown option "reconection"/,
    );
  });

  test("says when there is another copy", () => {
    const warnings: string[] = [];
    const { context } = page({ console: { warn: (text: string) => warnings.push(text) } });
    runInContext(read(file), context);
    expect(warnings).toEqual([]);
    runInContext(read(file), context);
    expect(warnings).toEqual(["two copies of io"]);
  });

  // The other one is a global only.
  if (file !== "bowline.min.js")
    test("is a module of CommonJS or AMD where there are such", () => {
      const module: { exports?: unknown } = {};
      const { context } = page({ module });
      runInContext(read(file), context);
      expect(
        Object.keys(module.exports as object)
          .toSorted()
          .join(),
      ).toBe(hungOn(file));
      expect(runInContext("typeof io", context)).toBe("undefined");
      let defined: unknown;
      const define = Object.assign((make: () => unknown) => void (defined = make()), { amd: {} });
      runInContext(read(file), page({ define }).context);
      expect(typeof defined).toBe("function");
    });
});

describe("[C85] what is there for code written for Socket.IO", () => {
  const old = `Object.fromEntries(["onAny", "send", "open", "sendBuffer", "removeListener"].map((name) =>
    [name, name in io.Socket.prototype]).concat([["reconnection", "reconnection" in io.Manager.prototype]]))`;

  test.each([
    ["bowline.min.js", false],
    ["socket.io.min.js", true],
  ])("is in %s: %s", (file, isThere) => {
    const { context } = page();
    runInContext(read(file), context);
    const names = ["onAny", "send", "open", "sendBuffer", "removeListener", "reconnection"];
    expect(runInContext(old, context)).toEqual(Object.fromEntries(names.map((name) => [name, isThere])));
  });

  test("options that are left out are refused by name", () => {
    const { context } = page();
    runInContext(read("bowline.min.js"), context);
    for (const name of ["retries", "randomizationFactor", "host", "tryAllTransports"])
      expect(() => runInContext(`io("/", { ${name}: 1 })`, context)).toThrow(`unknown option "${name}"`);
  });
});

describe(`[C83] ${WEBSOCKET}`, () => {
  afterEach(() => vi.unstubAllGlobals());

  async function inPage(): Promise<ReturnType<typeof page> & { readonly io: typeof Io }> {
    const its = page();
    vi.stubGlobal("WebSocket", its.WebSocket);
    vi.stubGlobal("location", { href: "https://page.example/index.html?not=this" });
    const { io } = (await import(pathToFileURL(join(folder, WEBSOCKET)).href)) as { io: typeof Io };
    return { ...its, io };
  }

  test("connects over a WebSocket, and by no other way", async () => {
    const { io, sockets } = await inPage();
    const fetch = vi.fn();
    vi.stubGlobal("fetch", fetch);
    const socket = io("https://page.example/chat", {
      transports: ["polling", "websocket"],
      reconnection: false,
    });
    const errors: string[] = [];
    socket.on("connect_error", ({ message }) => errors.push(message));
    expect(sockets.map(({ url }) => url)).toEqual([
      "wss://page.example/socket.io/?EIO=4&transport=websocket",
    ]);
    sockets[0]?.onclose({ type: "close", code: 1006, reason: "" });
    expect(errors).toEqual(["websocket 1006"]);
    expect(fetch).not.toHaveBeenCalled();
    socket.connect();
    sockets[1]?.onmessage({ data: OPEN });
    sockets[1]?.onmessage({ data: '40/chat,{"sid":"x"}' });
    expect([socket.connected, socket.id, sockets[1]?.sent]).toEqual([true, "x", ["40/chat,"]]);
    socket.disconnect();
  });

  test.each([
    [undefined, "/", "wss://page.example/socket.io/?EIO=4&transport=websocket"],
    ["/news?a=1", "/news", "wss://page.example/socket.io/?n=2&a=1&EIO=4&transport=websocket"],
    ["//other.example", "/", "wss://other.example/socket.io/?EIO=4&transport=websocket"],
    ["http://other.example:81/é x", "/é x", "ws://other.example:81/socket.io/?EIO=4&transport=websocket"],
    ["wss://other.example:443/", "/", "wss://other.example/socket.io/?EIO=4&transport=websocket"],
  ])("knows the address %s", async (address, namespace, url) => {
    const { io, sockets } = await inPage();
    const query = address === "/news?a=1" ? { query: { n: 2, a: 0 } } : {};
    const socket = io(address, { forceNew: true, ...query });
    expect([socket.nsp, sockets[0]?.url]).toEqual([namespace, url]);
    socket.disconnect();
  });

  test("an address without a scheme is none, and fails at once", async () => {
    const { io } = await inPage();
    const urls: string[] = [];
    class Strict {
      constructor(url: string) {
        urls.push(url);
        if (!/^wss?:/.test(url)) throw new SyntaxError(url); // as the platform's does
      }
    }
    vi.stubGlobal("WebSocket", Strict);
    expect(() => io("localhost:3000")).toThrow(SyntaxError);
    expect(() => io("/chat%")).toThrow(URIError);
    expect(urls).toEqual(["localhost:///socket.io/?EIO=4&transport=websocket"]);
  });

  test("takes options as the others do: nothing is the default, false is false", async () => {
    const { io, sockets, WebSocket } = await inPage();
    const socket = io("/", {
      ...{ path: "/mine", addTrailingSlash: false, timeout: 0, reconnectionDelay: undefined },
      ...{ protocols: ["a"], autoConnect: false, forceNew: true, ackTimeout: 10, unheardOf: 1 },
    } as object);
    expect(sockets).toEqual([]);
    expect(socket.io.opts).toMatchObject({
      timeout: 20_000,
      reconnectionDelay: 1000,
      reconnectionDelayMax: 5000,
    });
    socket.connect();
    expect([sockets[0]?.url, sockets[0]?.protocols]).toEqual([
      "wss://page.example/mine?EIO=4&transport=websocket",
      ["a"],
    ]);
    expect(sockets[0]).toBeInstanceOf(WebSocket);
    socket.disconnect();
  });

  test("takes errors of listeners to `onError`, or shows them as the page's", async () => {
    const { io, sockets } = await inPage();
    const shown: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => shown.push(error));
    const taken: unknown[] = [];
    const onError = (error: unknown, context: object): void => void taken.push(error, context);
    for (const options of [{ onError }, {}]) {
      const socket = io("/", { forceNew: true, ...options });
      socket.on("connect", () => {
        throw "thrown";
      });
      const link = sockets.at(-1);
      for (const data of [OPEN, '40{"sid":"x"}']) link?.onmessage({ data });
      socket.disconnect();
    }
    expect([taken, shown]).toEqual([["thrown", { stage: "handler", event: "connect" }], ["thrown"]]);
  });

  test("has nothing of other transports inside", () => {
    expect(read(WEBSOCKET)).not.toMatch(
      /\bfetch\b|event-stream|sessionStorage|\batob\b|probe|AbortController\(\)\.signal/,
    );
  });
});

const OPEN =
  '0{"sid":"s","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';

describe("[C60] the parser inside", () => {
  function firstPacket(file: string): unknown {
    const { context, sockets } = page();
    runInContext(read(file), context);
    runInContext('io("/", { auth: { token: "t" } })', context);
    sockets[0]?.onopen();
    sockets[0]?.onmessage({ data: OPEN });
    return sockets[0]?.sent[0];
  }

  test(`of ${MSGPACK} is socket.io-msgpack-parser`, () => {
    const packet = Buffer.from(firstPacket(MSGPACK) as Uint8Array);
    expect(packet.toString("latin1")).toMatch(/type.*nsp.*data.*token/);
    expect(packet[0]).toBe(0x83); // a map of three
  });

  test("of the others is text", () => {
    expect(firstPacket("socket.io.min.js")).toBe('40{"token":"t"}');
    expect(firstPacket(READABLE)).toBe('40{"token":"t"}');
  });
});

describe("[C61] short names", () => {
  const PUBLIC = [
    "index",
    "options",
    "socket/socket",
    "socket/manager",
    "socket/manager-state",
    "socket/operator",
    "socket/resumption",
    "socket/status",
  ];

  test("are given to nothing that the package declares, but to the options that minified files do not know", async () => {
    const script = new URL("../../packages/client/bundle-names.mjs", import.meta.url);
    const { INTERNAL_NAMES } = (await import(script.href)) as { INTERNAL_NAMES: readonly string[] };
    const declared = PUBLIC.map((file) => {
      const path = fileURLToPath(new URL(`../../packages/client/dist/${file}.d.ts`, import.meta.url));
      return readFileSync(path, "utf8").replaceAll(/\/\*[^]*?\*\//g, "");
    }).join("\n");
    const isDeclared = (name: string): boolean =>
      new RegExp(`^\\s+(?:readonly |get |set )*${name}\\??[(:<]`, "m").test(declared);
    expect(isDeclared("autoConnect") && isDeclared("emitWithAck")).toBe(true);
    // `resume` is the name of an event, and so a text.
    expect(INTERNAL_NAMES.filter(isDeclared).sort()).toEqual(["codec", "env", "report", "resume"]);
  });
});
