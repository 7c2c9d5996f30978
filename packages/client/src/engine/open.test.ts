import type { RealtimeError } from "@bowline/protocol";
import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { resolveOptions } from "../options-resolve.ts";
import type { ClientOptions } from "../options.ts";
import { acceptSocket, type FakeEnv, fakeEnv, openPacket } from "../testing/fake-env.ts";
import { Session } from "./session.ts";
import type { TransportName } from "./transport.ts";

let clock: VirtualClock;
let env: FakeEnv;
let sessions: Session[];
let failures: RealtimeError[];

beforeEach(() => {
  clock = virtualClock();
  env = fakeEnv(clock);
  sessions = [];
  failures = [];
});

function open(options: ClientOptions = {}): () => void {
  const resolved = resolveOptions("http://server", { env, ...options });
  const session = new Session(resolved, resolved.transports as TransportName[], {
    opened: () => sessions.push(session),
    failed: (error) => failures.push(error),
    frame: () => {},
    ping: () => {},
    upgraded: () => {},
    closed: () => {},
  });
  return () => session.release();
}

describe("openSession", () => {
  test("[C74] an error of a transport has Engine.IO's fields", async () => {
    open({ transports: ["polling"] });
    env.request("GET").answer("no", 403);
    await clock.advance(0);
    expect(failures[0]).toMatchObject({
      code: "transport_failed",
      type: "TransportError",
      description: 403,
      context: { status: 403, text: "no" },
    });
    open({ transports: ["websocket"] });
    const failure = new Error("ECONNREFUSED");
    env.socket().listener.close(1006, "", failure);
    expect(failures[1]).toMatchObject({ type: "TransportError", description: failure, context: failure });
  });

  test("[C4] the first transport is tried alone", () => {
    open({ query: { a: "1" } });
    expect(env.socket().url.href).toBe("ws://server/socket.io/?a=1&EIO=4&transport=websocket");
    expect(env.requests).toHaveLength(0);
    acceptSocket(env);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ id: "engine-sid", transport: { name: "websocket" } });
    sessions[0]?.lose("transport close", "");
    expect(clock.pending).toBe(0);
  });

  test("[C4] a transport that fails gives way at once", async () => {
    open();
    env.socket().listener.close(1006, "", new Error("blocked"));
    env.request("GET").answer(openPacket());
    await clock.advance(0);
    expect(sessions[0]?.transport.name).toBe("polling");
  });

  test("[C4] a transport that does not open in time gives way; it is closed and heard no more", async () => {
    open({ transportTimeout: 4000 });
    await clock.advance(3999);
    expect(env.requests).toHaveLength(0);
    await clock.advance(1);
    expect(env.socket().isClosed).toBe(true);
    env.request("GET").answer(openPacket());
    await clock.advance(0);
    expect(sessions).toHaveLength(1);
  });

  test("[C4] the last transport has until `timeout`", async () => {
    open({ transports: ["websocket"], timeout: 20_000 });
    await clock.advance(19_999);
    expect(failures).toHaveLength(0);
    await clock.advance(1);
    expect(failures[0]).toMatchObject({ code: "transport_failed" });
    expect(env.socket().isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("[C4] `timeout` ends it also while transports are left", async () => {
    open({ timeout: 1000 });
    await clock.advance(5000);
    expect(failures).toHaveLength(1);
    expect(env.requests).toHaveLength(0);
  });

  test("[C5] the error tells what became of each transport, and the cause", async () => {
    open();
    env.socket().listener.close(1006, "", new Error("ECONNREFUSED"));
    const cause = new Error("no route");
    env.request("GET").fail(cause);
    await clock.advance(0);
    expect(failures[0]).toMatchObject({ code: "transport_failed", cause });
    expect(failures[0]?.message).toBe(
      "cannot connect to http://server/socket.io " +
        "(websocket: websocket ECONNREFUSED (1006); polling: GET failed: Error: no route)",
    );
  });

  test("[C5] the server's refusal is in the error", async () => {
    open({ transports: ["polling"] });
    env.request("GET").answer('{"code":0,"message":"Transport unknown"}', 400);
    await clock.advance(0);
    expect(failures[0]?.message).toContain('HTTP 400 {"code":0,"message":"Transport unknown"}');
  });

  test.each(["4hello", "0{}", "0", "x"])("[C5] %j is no handshake", (frame) => {
    open({ transports: ["websocket"] });
    env.socket().listener.open();
    env.socket().listener.message(frame);
    expect(failures).toHaveLength(1);
    expect(env.socket().isClosed).toBe(true);
  });

  test("[C4] an address that cannot be fails later, not in the caller", async () => {
    const broken: FakeEnv = {
      ...env,
      openWebSocket: () => {
        throw new SyntaxError("bad url");
      },
    };
    open({ env: broken, transports: ["websocket"] });
    expect(failures).toHaveLength(0);
    await clock.advance(0);
    expect(failures[0]?.message).toContain("bad url");
  });

  test("[C4] nothing is heard after abort()", async () => {
    const abort = open({ transports: ["polling"] });
    const request = env.request("GET");
    abort();
    expect(request.init.signal.aborted).toBe(true);
    await clock.advance(60_000);
    expect([sessions, failures]).toEqual([[], []]);
    expect(clock.pending).toBe(0);
  });
});
