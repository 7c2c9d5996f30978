import { RealtimeError } from "@bowline/protocol";
import { expect, test } from "vitest";
import type { OnError } from "./errors.ts";
import { reportForeignOptions, resolveOptions, type ServerOptions } from "./options.ts";

const resolve = (options: ServerOptions) => resolveOptions(options, () => {});

test("[O1] the defaults are Socket.IO's", () => {
  const options = resolve({});
  expect(options).toMatchObject({
    path: "/socket.io",
    connectTimeoutMs: 45_000,
    host: { destroyUpgradeAfterMs: 1_000, compression: undefined },
    serveClient: true,
  });
  expect(options.engine).toMatchObject({
    pingIntervalMs: 25_000,
    pingTimeoutMs: 20_000,
    upgradeTimeoutMs: 10_000,
    maxPayload: 1_000_000,
    transports: ["polling", "websocket", "sse"],
    allowUpgrades: true,
    sse: { maxAgeMs: 300_000, maxBytes: 16_777_216 },
    cors: undefined,
  });
});

test("[O1] recovery is off, or has Socket.IO's defaults and bounds", () => {
  expect([resolve({}).recovery, resolve({ connectionStateRecovery: false }).recovery]).toEqual([
    undefined,
    undefined,
  ]);
  const defaults = {
    maxAwayMs: 120_000,
    skipsMiddleware: true,
    maxSessions: 50_000,
    log: { maxBytes: 33_554_432, maxEvents: 100_000, maxAgeMs: 165_000 },
  };
  expect(resolve({ connectionStateRecovery: true }).recovery).toEqual(defaults);
  expect(resolve({ connectionStateRecovery: {} }).recovery).toEqual(defaults);
  const given = { maxDisconnectionDuration: 1000, skipMiddlewares: false, maxLogBytes: 5, maxLogEvents: 6 };
  const options = resolve({ connectionStateRecovery: { ...given, maxSessions: 7 }, pingInterval: 10 });
  expect(options.recovery).toEqual({
    maxAwayMs: 1000,
    skipsMiddleware: false,
    maxSessions: 7,
    log: { maxBytes: 5, maxEvents: 6, maxAgeMs: 21_010 },
  });
});

test("[O1] resumption is on, with bounds, and offered in the open packet", () => {
  const defaults = {
    windowMs: 120_000,
    maxBytes: 1_048_576,
    stallAboveBytes: 1_048_576,
    maxEvents: 8_192,
    maxTotalBytes: 268_435_456,
    maxSuspended: 10_000,
    isClassic: false,
  };
  for (const resumption of [undefined, true, {}]) {
    const options = resolve({ ...(resumption !== undefined && { resumption }) });
    expect([options.resumption, options.engine.extensions]).toEqual([defaults, { rs: 1 }]);
  }
  // Of less no host might tell that it has left.
  expect(resolve({ resumption: { maxBytes: 1_000 } }).resumption).toMatchObject({
    maxBytes: 1_000,
    stallAboveBytes: 65_536,
  });
  const off = resolve({ resumption: false });
  expect([off.resumption, off.engine.extensions]).toEqual([undefined, undefined]);
  expect(resolve({ resumption: { events: "classic", window: 5 } }).resumption).toEqual({
    ...defaults,
    isClassic: true,
    windowMs: 5,
  });
});

test("[O1] what is nothing, and what Socket.IO takes for nothing, is the default", () => {
  const nothing = { path: "", connectTimeout: 0, cors: null, allowRequest: null, pingInterval: undefined };
  const options = resolve({ ...nothing, destroyUpgradeTimeout: 0 } as unknown as ServerOptions);
  expect(options).toEqual({ ...resolve({}), onError: options.onError, named: options.named });
});

test("[O1] options are frozen, and the caller's object is left as it was", () => {
  const given: ServerOptions = { path: "/chat/" };
  const options = resolve(given);
  expect(Object.isFrozen(options) && Object.isFrozen(options.engine)).toBe(true);
  expect(options.path).toBe("/chat");
  expect(given).toEqual({ path: "/chat/" });
});

test.each([
  [{ pingIntervall: 1 }, 'there is no option "pingIntervall"; do you mean "pingInterval"?'],
  [{ withCredentials: true }, "is the client's: pass it to io("],
  [{ origins: "*" }, 'write cors: { origin: "https://example.com" }'],
  [{ allowEIO3: true }, "clients of Socket.IO 2 are not served"],
  [{ cookie: "io" }, 'an object such as { name: "io" }'],
  [{ cookie: { name: "a;b" } }, "is no cookie's name"],
  [{ allowRequest: true }, "must be a function (request, callback)"],
  [{ pingInterval: "25s" }, 'the option "pingInterval" must be milliseconds'],
  [{ maxHttpBufferSize: 0 }, "must be bytes, more than 0"],
  [{ transports: ["webtransport"] }, "there is no WebTransport on this server"],
  [{ transports: ["tube"] }, "must be a list of polling, websocket, sse"],
  [{ transports: [] }, "must be a list of"],
  [{ path: "socket.io" }, "must be a path"],
  [{ connectionStateRecovery: "yes" }, 'the option "connectionStateRecovery" must be true, false, or'],
  [{ connectionStateRecovery: { maxDisconnectionDuration: -1 } }, "numbers above 0"],
  [{ resumption: "yes" }, 'the option "resumption" must be true, false, or'],
  [{ resumption: { window: 0 } }, "numbers above 0"],
  [{ resumption: { events: "both" } }, 'events: "transparent" or "classic"'],
  [{ resumption: { maxSuspended: 0.5 } }, "whole where they count"],
  [{ sse: true }, 'the option "sse" must be an object such as'],
  [{ sse: { maxAge: 0 } }, "numbers above 0"],
  [{ sse: { maxage: 1 } }, 'there is no option "sse.maxage"; the options are maxAge, maxBytes'],
  [{ resumption: { windows: 1 } }, 'there is no option "resumption.windows"'],
  [{ connectionStateRecovery: { maxAge: 1 } }, 'there is no option "connectionStateRecovery.maxAge"'],
])("[O2] %j throws at once and says what is wrong", (options, message) => {
  expect(() => resolve(options as unknown as ServerOptions)).toThrowError(
    expect.objectContaining({
      constructor: RealtimeError,
      code: "invalid_argument",
      message: expect.stringContaining(message),
    }),
  );
});

test("[O2] an option that is somebody else's is told of and does nothing", () => {
  const told: unknown[] = [];
  const onError: OnError = (error, { stage }) => told.push([stage, (error as Error).message]);
  const options = { preClose: () => {}, constructor: 1, pingInterval: 5, onError } as ServerOptions;
  expect(resolve(options)).not.toHaveProperty("preClose");
  reportForeignOptions(options, onError);
  expect(told).toEqual([
    ["options", expect.stringContaining('there is no option "preClose", so it does nothing here')],
    ["options", expect.stringContaining('there is no option "constructor"')],
  ]);
});
