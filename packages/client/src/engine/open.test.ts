import type { RealtimeError } from "@bowline/protocol";
import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { resolveOptions } from "../options-resolve.ts";
import type { ClientOptions } from "../options.ts";
import { acceptSocket, acceptStream, type FakeEnv, fakeEnv, openPacket } from "../testing/fake-env.ts";
import { Session } from "./session.ts";

let clock: VirtualClock;
let env: FakeEnv;
let sessions: Session[];
let failures: RealtimeError[];
let frames: unknown[];

beforeEach(() => {
  clock = virtualClock();
  env = fakeEnv(clock);
  sessions = [];
  failures = [];
  frames = [];
});

function open(options: ClientOptions = {}): () => void {
  const resolved = resolveOptions("http://server", { env, ...options });
  const session = new Session(resolved, {
    opened: () => sessions.push(session),
    failed: (error) => failures.push(error),
    frame: (frame) => frames.push(frame),
    pinged: () => {},
    upgraded: () => {},
    closed: () => {},
  });
  return () => session.release();
}

/** The transports that asked over HTTP. */
function transports(): (string | null)[] {
  return env.requests.map(({ url }) => url.searchParams.get("transport"));
}

describe("openTransport", () => {
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

  test("[C4] the first transport is tried alone", async () => {
    open({ query: { a: "1" } });
    expect(env.socket().url.href).toBe("ws://server/socket.io/?a=1&EIO=4&transport=websocket");
    await clock.advance(299);
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
    expect(transports()).toEqual(["sse"]);
    env.request("GET").answer("unknown", 400);
    await clock.advance(0);
    expect(transports()).toEqual(["sse", "polling"]);
    env.request("GET").answer(openPacket());
    await clock.advance(0);
    expect(sessions[0]?.transport.name).toBe("polling");
    sessions[0]?.lose("transport close", "");
    expect(clock.pending).toBe(0);
  });

  test("[C4] the next one starts beside one that takes longer than its head start: 300 ms, a stream a second", async () => {
    open();
    await clock.advance(300);
    expect([env.socket().isClosed, transports()]).toEqual([false, ["sse"]]);
    await clock.advance(999);
    expect(transports()).toEqual(["sse"]);
    await clock.advance(1);
    expect(transports()).toEqual(["sse", "polling"]);
    acceptSocket(env);
    expect(sessions[0]?.transport.name).toBe("websocket");
  });

  test("[C4] the head start is an option", async () => {
    open({ headStart: 50 });
    await clock.advance(50);
    expect(transports()).toEqual(["sse"]);
  });

  test("[C76] on a slower network it is twice what the last opening took, but no more than a second", async () => {
    for (const [tookMs, headStart] of [
      [100, 300],
      [250, 500],
      [290, 580],
    ] as const) {
      const release = open();
      await clock.advance(tookMs);
      acceptSocket(env);
      release();
      const abort = open();
      await clock.advance(headStart - 1);
      expect(transports()).toEqual([]);
      await clock.advance(1);
      expect(transports()).toEqual(["sse"]);
      abort();
      env.requests.length = 0;
    }
    open({ headStart: 2000 });
    await clock.advance(1500);
    acceptSocket(env);
    const others = env.requests.length;
    open();
    await clock.advance(999);
    expect(env.requests).toHaveLength(others);
    await clock.advance(1);
    expect(env.requests).toHaveLength(others + 1);
  });

  test("[V34] a stream is open when something followed the handshake", async () => {
    open({ transports: ["sse", "polling"] });
    const stream = env.request("GET");
    stream.stream(`data:${openPacket()}\n\n`);
    await clock.advance(999);
    expect([sessions.length, transports()]).toEqual([0, ["sse"]]);
    stream.stream("data:4early\n\n");
    expect(sessions[0]?.transport.name).toBe("sse");
    expect(frames).toEqual(["early"]);
  });

  test("[V32] a response may end before the stream is open", async () => {
    open({ transports: ["sse"] });
    const stream = env.request("GET");
    stream.stream(`data:${openPacket()}\n\nevent: end\n\n`);
    stream.answer("");
    await clock.advance(0);
    const next = env.request("GET");
    expect([next.url.searchParams.get("sid"), next.url.searchParams.get("from")]).toEqual([
      "engine-sid",
      "1",
    ]);
    next.stream("data:6\n\n");
    expect(sessions).toHaveLength(1);
  });

  test("[V34] while a proxy holds it back polling starts, wins, and is what is tried first next time", async () => {
    open({ transports: ["websocket", "sse", "polling"] });
    env.socket().listener.close(1006, "");
    const stream = env.request("GET");
    stream.stream(`data:${openPacket()}\n\n`);
    await clock.advance(1000);
    env.request("GET").answer(openPacket({ sid: "second" }));
    await clock.advance(0);
    expect(sessions[0]).toMatchObject({ id: "second", transport: { name: "polling" } });
    expect(stream.init.signal.aborted).toBe(true);
    env.requests.length = 0;
    open();
    expect(transports()).toEqual(["polling"]);
  });

  test("[C77] the first that shakes hands wins; the others are closed", async () => {
    open();
    await clock.advance(300);
    const socket = env.socket();
    acceptStream(env);
    expect(sessions[0]?.transport.name).toBe("sse");
    expect(socket.isClosed).toBe(true);
    socket.listener.open();
    socket.listener.message(openPacket());
    expect(sessions).toHaveLength(1);
  });

  test("[C77] a stream that lost is aborted", async () => {
    open();
    await clock.advance(300);
    const stream = env.request("GET");
    acceptSocket(env);
    expect(stream.init.signal.aborted).toBe(true);
    expect(sessions[0]?.transport.name).toBe("websocket");
  });

  test("[C77] a poll that lost is waited for, and its session ended", async () => {
    open({ transports: ["websocket", "polling"] });
    await clock.advance(300);
    const poll = env.request("GET");
    acceptSocket(env);
    expect(poll.init.signal.aborted).toBe(false);
    poll.answer(openPacket({ sid: "second" }));
    await clock.advance(0);
    const goodbye = env.request("POST");
    expect([goodbye.init.body, goodbye.url.searchParams.get("sid")]).toEqual(["1", "second"]);
    goodbye.answer("ok");
    await clock.advance(0);
    expect(env.requests).toHaveLength(2);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ id: "engine-sid", transport: { name: "websocket" } });
    sessions[0]?.lose("transport close", "");
    await clock.advance(4000);
    expect([failures, clock.pending]).toEqual([[], 0]);
  });

  test("[C77] but not for ever", async () => {
    open({ transports: ["websocket", "polling"] });
    await clock.advance(300);
    acceptSocket(env);
    await clock.advance(4000);
    expect(env.requests[0]?.init.signal.aborted).toBe(true);
    expect(env.requests).toHaveLength(1);
  });

  test("[C77] what fails after it lost is nobody's affair", async () => {
    open({ transports: ["websocket", "polling"] });
    await clock.advance(300);
    acceptSocket(env);
    env.request("GET").fail(new Error("no route"));
    await clock.advance(0);
    expect([failures, sessions.length, sessions[0]?.readyState]).toEqual([[], 1, "open"]);
  });

  test("[C4] a transport that is alone has until `timeout`", async () => {
    open({ transports: ["websocket"], timeout: 20_000 });
    await clock.advance(19_999);
    expect(failures).toHaveLength(0);
    await clock.advance(1);
    expect(failures[0]).toMatchObject({ code: "transport_failed" });
    expect(env.socket().isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("[C4] so have all together, and those that are slow are not given up before", async () => {
    open();
    await clock.advance(19_999);
    expect([failures.length, env.socket().isClosed]).toEqual([0, false]);
    await clock.advance(1);
    expect(failures[0]?.message).toContain(
      "(websocket: no answer within 20000 ms; sse: no answer within 20000 ms; polling: no answer within 20000 ms)",
    );
    expect(env.requests.every(({ init }) => init.signal.aborted)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("[C4] when one fails and none is left to start, the others have `transportTimeout`", async () => {
    open({ transportTimeout: 4000 });
    await clock.advance(2000);
    for (const request of env.requests) request.answer("bad gateway", 502);
    await clock.advance(3999);
    expect(failures).toHaveLength(0);
    await clock.advance(1);
    expect(failures[0]?.message).toContain("websocket: no answer within 4000 ms");
    expect(clock.pending).toBe(0);
  });

  test("[C4] `timeout` ends it also while transports are left", async () => {
    open({ timeout: 100 });
    await clock.advance(5000);
    expect(failures).toHaveLength(1);
    expect(env.requests).toHaveLength(0);
  });

  test("[C5] the error tells what became of each transport, and the cause", async () => {
    open({ transports: ["websocket", "polling"] });
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
