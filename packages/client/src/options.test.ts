import { virtualClock } from "@bowline/protocol/testing";
import { describe, expect, test } from "vitest";
import * as lean from "./options-check-lean.ts";
import { checkOptions, OPTION_NAMES } from "./options-check.ts";
import { resolveOptions } from "./options-resolve.ts";
import type { ClientOptions } from "./options.ts";
import { fakeEnv } from "./testing/fake-env.ts";

const env = fakeEnv(virtualClock());

describe("options", () => {
  test("[C2] are filled in, and the caller's object is left alone", () => {
    const given = Object.freeze({ env, query: { n: 1, b: false }, path: "/ws/", timeout: undefined });
    const options = resolveOptions("http://a?n=0&u=2", given);
    expect(options).toMatchObject({
      origin: "http://a",
      path: "/ws/",
      query: { n: "0", b: "false", u: "2" },
      timeout: 20_000,
      transports: ["websocket", "sse", "polling"],
    });
  });

  test("[C62] what is nothing is the default, as in Socket.IO", () => {
    const nothing = { path: "", reconnectionAttempts: 0, reconnectionDelay: 0, reconnectionDelayMax: 0 };
    const given = { env, ...nothing, timeout: null, transports: null, extraHeaders: null, auth: null };
    expect(resolveOptions("http://a", given as unknown as ClientOptions)).toMatchObject({
      path: "/socket.io",
      reconnectionAttempts: Infinity,
      reconnectionDelay: 1000,
      reconnectionDelayMax: 5000,
      timeout: 20_000,
      transports: ["websocket", "sse", "polling"],
    });
    expect(resolveOptions("http://a", { env, timeout: false, upgrade: false })).toMatchObject({
      timeout: false,
      upgrade: false,
    });
  });

  test("[U53] resumption is on", () => {
    expect(resolveOptions("http://a", { env }).resumption).toBe(true);
    expect(resolveOptions("http://a", { env, resumption: false }).resumption).toBe(false);
  });

  test("[C62] numbers may be text, a query too", () => {
    const given = { env, reconnectionDelay: "200", query: "a=1&b=x%20y" } as unknown as ClientOptions;
    expect(resolveOptions("http://a", given).query).toEqual({ a: "1", b: "x y" });
  });

  test.each<[ClientOptions, string]>([
    [{ hostname: "h", port: 3000 }, "http://h:3000"],
    [{ host: "h", secure: true, port: "443" }, "https://h"],
    [{ hostname: "h", secure: false }, "http://h"],
  ])("[C62] %j is an address", (given, origin) => {
    expect(resolveOptions(undefined, { env, ...given }).origin).toBe(origin);
  });

  test.each<[object, RegExp]>([
    [{ reconect: true }, /unknown option "reconect"; there are .*reconnection/],
    [{ reconection: true }, /unknown option "reconection"; did you mean "reconnection"\?/],
    [{ autoconnect: true }, /did you mean "autoConnect"\?/],
    [{ toString: 1 }, /unknown option "toString"/],
    [{ transports: [] }, /"transports" must be a list/],
    [{ transports: ["webtransport"] }, /"transports" must be a list/],
    [{ transports: "websocket" }, /"transports" must be a list/],
    [{ transports: [class {}] }, /classes are not taken/],
    [{ reconnectionAttempts: -1 }, /0 for no limit/],
    [{ reconnectionDelay: "soon" }, /"reconnectionDelay" must be/],
    [{ timeout: 0 }, /"timeout" must be.*or false/],
    [{ timeout: Number.NaN }, /"timeout" must be/],
    [{ path: "socket.io" }, /"path" must be/],
    [{ auth: "token" }, /"auth" must be an object or a function/],
    [{ randomizationFactor: 2 }, /"randomizationFactor" must be/],
    [{ onError: {} }, /"onError" must be a function/],
    [{ resumption: "classic" }, /"resumption" must be true, false, or \{ events/],
    [{ resumption: { events: "classical" } }, /"transparent" or "classic"/],
    [{ resumption: { maxQueuedBytes: 0 } }, /a number above 0/],
    [{ resumption: { window: 1 } }, /"resumption" must be/],
    [{ forceNew: "yes" }, /"forceNew" must be true or false/],
  ])("[C2] %j is refused with what could be", (options, message) => {
    expect(() => checkOptions(options as ClientOptions)).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringMatching(message) }),
    );
  });
});

describe("the check of the minified files", () => {
  test("[C61] knows every option but those for Node and the seldom used", () => {
    const known = OPTION_NAMES.filter((name) => {
      try {
        lean.checkOptions({ [name]: undefined });
        return true;
      } catch {
        return false;
      }
    });
    expect(OPTION_NAMES.filter((name) => !known.includes(name))).toEqual([
      ...[
        "agent",
        "autoUnref",
        "ca",
        "cert",
        "checkServerIdentity",
        "ciphers",
        "closeOnBeforeunload",
        "codec",
      ],
      ...["env", "family", "forceBase64", "key", "localAddress", "parser", "passphrase"],
      ...["perMessageDeflate", "pfx"],
      ...[
        "rememberUpgrade",
        "requestTimeout",
        "timestampParam",
        "timestampRequests",
        "transportOptions",
        "tryAllTransports",
      ],
      "useNativeTimers",
    ]);
  });

  test.each<[object, RegExp]>([
    [{ reconect: true }, /unknown option "reconect"/],
    [{ toString: 1 }, /unknown option "toString"/],
    [{ forceBase: undefined }, /unknown option "forceBase"/],
  ])("[C61] refuses %j", (options, message) => {
    expect(() => lean.checkOptions(options as ClientOptions)).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringMatching(message) }),
    );
  });
});
