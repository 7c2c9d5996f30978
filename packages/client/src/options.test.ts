import { virtualClock } from "@bowline/protocol/testing";
import { describe, expect, test } from "vitest";
import * as lean from "./options-check-lean.ts";
import { checkOptions, OPTION_NAMES } from "./options-check.ts";
import { resolveOptions } from "./options-resolve.ts";
import type { ClientOptions } from "./options.ts";
import { fakeEnv } from "./testing/fake-env.ts";

const env = fakeEnv(virtualClock());

describe("options", () => {
  test("[C2] are resolved once and frozen", () => {
    const given = { env, query: { n: 1, b: false }, path: "/ws/", timeout: undefined };
    const options = resolveOptions("http://a?n=0&u=2", given);
    expect(options).toMatchObject({
      origin: "http://a",
      path: "/ws/",
      query: { n: 1, b: false, u: "2" },
      timeout: 20_000,
      transports: ["websocket", "polling"],
    });
    expect(Object.isFrozen(options)).toBe(true);
    expect(resolveOptions("http://a", { env, path: "/ws/", addTrailingSlash: false }).path).toBe("/ws");
  });

  test.each<[object, RegExp]>([
    [{ reconect: true }, /unknown option "reconect"; there are .*reconnection/],
    [{ reconection: true }, /unknown option "reconection"; did you mean "reconnection"\?/],
    [{ autoconnect: true }, /did you mean "autoConnect"\?/],
    [{ toString: 1 }, /unknown option "toString"/],
    [{ transports: [] }, /"transports" must be a list/],
    [{ transports: ["webtransport"] }, /"transports" must be a list/],
    [{ transports: "websocket" }, /"transports" must be a list/],
    [{ reconnectionAttempts: 0 }, /reconnection: false/],
    [{ reconnectionDelay: 0 }, /"reconnectionDelay" must be/],
    [{ timeout: 0 }, /"timeout" must be.*or false/],
    [{ timeout: Number.NaN }, /"timeout" must be/],
    [{ path: "socket.io" }, /"path" must be/],
    [{ auth: "token" }, /"auth" must be an object or a function/],
    [{ randomizationFactor: 2 }, /"randomizationFactor" must be/],
    [{ onError: {} }, /"onError" must be a function/],
    [{ forceNew: "yes" }, /"forceNew" must be true or false/],
  ])("[C2] %j is refused with what could be", (options, message) => {
    expect(() => checkOptions(options as ClientOptions)).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringMatching(message) }),
    );
  });
});

describe("the check of the minified files", () => {
  test("[C61] knows every option but env and codec", () => {
    const known = OPTION_NAMES.filter((name) => {
      try {
        lean.checkOptions({ [name]: undefined });
        return true;
      } catch {
        return false;
      }
    });
    expect(OPTION_NAMES.filter((name) => !known.includes(name))).toEqual(["codec", "env"]);
  });

  test.each<[object, RegExp]>([
    [{ reconect: true }, /unknown option "reconect"/],
    [{ toString: 1 }, /unknown option "toString"/],
    [{ forceBase: undefined }, /unknown option "forceBase"/],
    [{ timeout: "soon" }, /"timeout" must be a number/],
    [{ upgrade: "yes" }, /"upgrade" must be a boolean/],
  ])("[C61] refuses %j", (options, message) => {
    expect(() => lean.checkOptions(options as ClientOptions)).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringMatching(message) }),
    );
  });

  test("[C61] takes what is no value for none", () => {
    expect(() => lean.checkOptions({ timeout: false, reconnectionDelay: undefined })).not.toThrow();
  });
});
