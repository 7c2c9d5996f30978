import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { resolveOptions } from "../options-resolve.ts";
import type { ClientOptions } from "../options.ts";
import { acceptSocket, type FakeEnv, fakeEnv, type HANDSHAKE, openPacket } from "../testing/fake-env.ts";
import { Session } from "./session.ts";

let clock: VirtualClock;
let env: FakeEnv;
let log: unknown[];
let session: Session;

beforeEach(() => {
  clock = virtualClock();
  env = fakeEnv(clock);
  log = [];
});

function open(options: ClientOptions): void {
  const resolved = resolveOptions("http://server", { env, ...options });
  session = new Session(resolved, {
    opened: () => {},
    failed: (error) => log.push(error),
    frame: (frame) => log.push(frame),
    pinged: () => log.push("ping"),
    upgraded: () => log.push("upgraded"),
    closed: (reason, description) => log.push(`${reason}: ${description}`),
  });
}

function openWebSocket(): void {
  open({ transports: ["websocket"] });
  acceptSocket(env);
}

async function openPolling(
  options: ClientOptions = { transports: ["polling"] },
  changes: Partial<typeof HANDSHAKE> = {},
): Promise<void> {
  open(options);
  env.request("GET").answer(openPacket(changes));
  await clock.advance(0);
}

describe("a session's heartbeat", () => {
  test("[C20] a ping is answered, and gives another interval and timeout", async () => {
    openWebSocket();
    await clock.advance(44_000);
    env.socket().listener.message("2");
    expect(env.socket().sent).toEqual(["3"]);
    await clock.advance(44_999);
    expect(log).toEqual(["ping"]);
    await clock.advance(1);
    expect(log).toEqual(["ping", "ping timeout: no sign of life within 45000 ms"]);
    expect(env.socket().isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("[C20] other packets do not count as pings", async () => {
    openWebSocket();
    await clock.advance(44_000);
    env.socket().listener.message("4x");
    await clock.advance(1000);
    expect(log).toEqual(["x", "ping timeout: no sign of life within 45000 ms"]);
  });

  test("[C20] a machine that slept finds the session dead before it sends", () => {
    openWebSocket();
    expect(session.isAlive()).toBe(true);
    env.sleep(45_001);
    expect(session.isAlive()).toBe(false);
    expect(log).toEqual(["ping timeout: no sign of life within 45000 ms"]);
  });
});

describe("a session over a WebSocket", () => {
  test("[C11] what was sent goes out at once, bytes bare", () => {
    openWebSocket();
    const bytes = new Uint8Array([1, 2]);
    session.send(["451-", bytes]);
    expect(env.socket().sent).toEqual(["4451-", bytes]);
  });

  test.each(["", "9", "x1"])("[C12] the malformed packet %j closes with a parse error", (frame) => {
    openWebSocket();
    env.socket().listener.message(frame);
    expect(log).toEqual([expect.stringMatching(/^parse error: .*engine packet/)]);
    expect(env.socket().isClosed).toBe(true);
  });

  test("[C13] the end of the WebSocket is the session's, once", () => {
    openWebSocket();
    env.socket().listener.close(1005, "");
    expect(log).toEqual(["transport close: websocket closed (1005)"]);
    session.lose("transport error", "");
    session.send(["x"]);
    expect(log).toHaveLength(1);
    expect(env.socket().sent).toEqual([]);
  });

  test("[C13] an error of the WebSocket is a transport error", () => {
    openWebSocket();
    env.socket().listener.close(1006, "", new Error("ECONNRESET"));
    expect(log).toEqual(["transport error: websocket ECONNRESET (1006)"]);
  });

  test("[C14] volatile packets wait for nothing: the session is idle while little is buffered", () => {
    openWebSocket();
    expect(session.idle).toBe(true);
    env.socket().bufferedAmount = 20_000;
    expect(session.idle).toBe(false);
  });
});

describe("a session over polling", () => {
  test("[C10] the next GET follows the answer, with the session's id and a new `t`", async () => {
    let n = 0;
    env = fakeEnv(clock, { random: () => ++n / 7 });
    await openPolling();
    const [first, second] = env.requests;
    expect(first?.url.searchParams.get("sid")).toBeNull();
    expect(second?.url.searchParams.get("sid")).toBe("engine-sid");
    expect(second?.url.searchParams.get("t")).not.toBe(first?.url.searchParams.get("t"));
    second?.answer("4a\x1e4b\x1ebAQID");
    await clock.advance(0);
    expect(log).toEqual(["a", "b", new Uint8Array([1, 2, 3])]);
    expect(env.requests).toHaveLength(3);
  });

  test("[C10] one POST at a time; what comes meanwhile goes together in the next", async () => {
    await openPolling();
    session.send(["1"]);
    expect(session.idle).toBe(false);
    session.send(["2", new Uint8Array([1, 2, 3])]);
    session.send(["3"]);
    expect(env.requests.filter(({ init }) => init.method === "POST")).toHaveLength(1);
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(env.request("POST").init.body).toBe("42\x1ebAQID\x1e43");
  });

  test("[C15] a body holds as many packets as fit into maxPayload, and at least one", async () => {
    await openPolling(undefined, { maxPayload: 10 });
    session.send(["first"]);
    session.send(["€€", "ab", "c", "larger than ten"]);
    const bodies: unknown[] = [];
    for (let post = 0; post < 4; post++) {
      const request = env.request("POST");
      bodies.push(request.init.body);
      request.answer("ok");
      await clock.advance(0);
    }
    expect(bodies).toEqual(["4first", "4€€", "4ab\x1e4c", "4larger than ten"]);
  });

  test("[C12] a malformed body closes with a parse error, and nothing of it is delivered", async () => {
    await openPolling();
    env.request("GET").answer("4a\x1e");
    await clock.advance(0);
    expect(log).toEqual([expect.stringMatching(/^parse error/)]);
  });

  test("[C13] a refused request ends the session", async () => {
    await openPolling();
    session.send(["x"]);
    const get = env.request("GET");
    env.request("POST").answer("too large", 413);
    await clock.advance(0);
    expect(env.request("POST").init.body).toBe("1");
    expect(get.init.signal.aborted).toBe(false); // the server is told first
    get.answer("6");
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(log).toEqual(["transport error: POST failed: HTTP 413 too large"]);
    expect(env.requests.every(({ isOver }) => isOver)).toBe(true);
    expect(env.requests.filter(({ init }) => init.method === "GET")).toHaveLength(2);
  });

  test("[C13] a request that gets no answer ends the session, without another one", async () => {
    await openPolling();
    session.send(["x"]);
    env.request("POST").fail(new Error("no route"));
    await clock.advance(0);
    expect(log).toEqual(["transport error: POST failed: Error: no route"]);
    expect(env.requests.every(({ isOver }) => isOver)).toBe(true);
  });

  test("[C13] the server's close packet ends the session", async () => {
    await openPolling();
    env.request("GET").answer("4a\x1e1\x1e4b");
    await clock.advance(0);
    expect(log).toEqual(["a", "transport close: closed by the server"]);
  });

  test("[C21] closing sends what is queued and a close packet, then aborts the GET", async () => {
    await openPolling();
    session.send(["1"]);
    session.send(["2"]);
    session.release();
    env.request("POST").answer("ok");
    await clock.advance(0);
    const post = env.request("POST");
    expect(post.init.body).toBe("42\x1e1");
    const get = env.request("GET");
    expect(get.init.signal.aborted).toBe(false);
    post.answer("ok");
    await clock.advance(0);
    expect(get.init.signal.aborted).toBe(true);
    expect(log).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test("[C21] closing does not wait for ever", async () => {
    await openPolling();
    session.send(["1"]);
    session.release();
    await clock.advance(4000);
    expect(env.requests.every(({ init }) => init.signal.aborted)).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

describe("an upgrade", () => {
  async function probing(): Promise<void> {
    await openPolling({ transports: ["polling", "websocket"] }, { upgrades: ["websocket"] });
  }

  test("[C22] probes with the session's id while polling goes on", async () => {
    await probing();
    expect(env.socket().url.searchParams.get("sid")).toBe("engine-sid");
    env.socket().listener.open();
    expect(env.socket().sent).toEqual(["2probe"]);
    session.send(["x"]);
    expect(env.request("POST").init.body).toBe("4x");
  });

  test("[C22] packets keep their order: polling comes to rest, then 5, then the queue", async () => {
    await probing();
    session.send(["1"]);
    env.socket().listener.open();
    env.socket().listener.message("3probe");
    session.send(["2"]);
    env.request("GET").answer("4last\x1e6");
    await clock.advance(0);
    expect(env.socket().sent).toEqual(["2probe"]); // the POST is under way
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(env.socket().sent).toEqual(["2probe", "5", "42"]);
    expect(log).toEqual(["last", "upgraded"]);
    expect(session.transport.name).toBe("websocket");
    expect(env.requests.every(({ isOver }) => isOver)).toBe(true);
    env.socket().listener.message("4over ws");
    expect(log).toContain("over ws");
  });

  test.each<[string, () => void]>([
    ["does not open", (): void => env.socket().listener.close(1006, "")],
    ["is answered wrongly", (): void => env.socket().listener.message("4hello")],
  ])("[C23] a probe that %s leaves polling", async (_what, happens) => {
    await probing();
    happens();
    session.send(["x"]);
    expect(env.request("POST").init.body).toBe("4x");
    expect(session.transport.name).toBe("polling");
    expect(log).toEqual([]);
  });

  test("[C23] a probe without an answer is given up", async () => {
    await probing();
    const first = env.socket();
    first.listener.open();
    await clock.advance(30_000);
    expect([first.isClosed, env.sockets.length]).toEqual([true, 2]);
    expect(session.isAlive()).toBe(true);
  });

  test("[C80] is tried again, in equal times from start to start", async () => {
    await openPolling(
      { transports: ["polling", "websocket"], upgradeInterval: 30_000 },
      { upgrades: ["websocket"], pingInterval: 10_000_000 },
    );
    for (const failsAfter of [0, 0, 1000, 29_000, 30_000, 30_000]) {
      const tries = env.sockets.length;
      await clock.advance(Math.min(failsAfter, 29_999));
      if (failsAfter < 30_000) env.socket().listener.close(1006, "");
      await clock.advance(29_999 - Math.min(failsAfter, 29_999));
      expect(env.sockets).toHaveLength(tries);
      await clock.advance(1);
      expect(env.sockets).toHaveLength(tries + 1);
    }
    env.socket().listener.open();
    env.socket().listener.message("3probe");
    env.request("GET").answer("6");
    await clock.advance(0);
    expect(log).toEqual(["upgraded"]);
    const tries = env.sockets.length;
    session.tryUpgrade();
    await clock.advance(1_000_000);
    expect(env.sockets).toHaveLength(tries);
  });

  test("[C80] is tried again at once when asked to; what has got further is left alone", async () => {
    await probing();
    const first = env.socket();
    session.tryUpgrade();
    expect([first.isClosed, env.sockets.length]).toEqual([true, 2]);
    env.socket().listener.close(1006, "");
    session.tryUpgrade();
    expect(env.sockets).toHaveLength(3);
    env.socket().listener.open();
    env.socket().listener.message("3probe");
    session.tryUpgrade();
    expect(env.sockets).toHaveLength(3);
    env.request("GET").answer("6");
    await clock.advance(0);
    expect(log).toEqual(["upgraded"]);
  });

  test("[C80] a connection that waits for it ends without it", async () => {
    await probing();
    env.socket().listener.close(1006, "");
    session.lose("transport close", "gone");
    await clock.advance(1_000_000);
    expect([env.sockets.length, clock.pending]).toEqual([1, 0]);
  });

  test("[C23] a WebSocket that dies while polling pauses gives polling back", async () => {
    await probing();
    env.socket().listener.open();
    env.socket().listener.message("3probe");
    session.send(["x"]);
    env.request("GET").answer("6");
    env.socket().listener.close(1006, "");
    await clock.advance(0);
    expect(env.request("POST").init.body).toBe("4x");
    expect(env.request("GET").isOver).toBe(false);
    expect(env.requests.filter(({ init, isOver }) => init.method === "GET" && !isOver)).toHaveLength(1);
    expect(log).toEqual([]);
  });

  test("[C23] polling that is given back polls again when its GET is over already", async () => {
    await probing();
    session.send(["x"]);
    env.socket().listener.open();
    env.socket().listener.message("3probe");
    env.request("GET").answer("6");
    await clock.advance(0);
    expect(() => env.request("GET")).toThrow();
    env.socket().listener.close(1006, "");
    expect(env.request("GET").isOver).toBe(false);
    env.request("POST").answer("ok");
    session.send(["y"]);
    await clock.advance(0);
    expect(env.request("POST").init.body).toBe("4y");
  });

  test("[C21] closing while it probes ends the probe", async () => {
    await probing();
    env.socket().listener.open();
    session.release();
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(env.socket().isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("[C21] closing while polling pauses lets the upgrade end first", async () => {
    await probing();
    env.socket().listener.open();
    env.socket().listener.message("3probe");
    session.send(["goodbye"]);
    session.release();
    env.request("GET").answer("6");
    await clock.advance(0);
    expect(env.socket().sent).toEqual(["2probe", "5", "4goodbye", "1"]);
    expect(env.socket().isClosed).toBe(true);
    expect(log).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test("[C22] there is none when the option or the server says so", async () => {
    await openPolling({ transports: ["polling", "websocket"], upgrade: false }, { upgrades: ["websocket"] });
    await openPolling({ transports: ["polling", "websocket"] }, { upgrades: [] });
    expect(env.sockets).toHaveLength(0);
  });

  test("[C23] the end of the session ends the probe", async () => {
    await probing();
    session.lose("transport close", "gone");
    expect(env.socket().isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
