import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { ManagerOptions } from "../options.ts";
import { acceptSocket, type FakeEnv, fakeEnv, openPacket } from "../testing/fake-env.ts";
import { Manager } from "./manager.ts";

let clock: VirtualClock;
let env: FakeEnv;
let log: unknown[];

beforeEach(() => {
  clock = virtualClock();
  env = fakeEnv(clock);
  log = [];
});

function manager(options: ManagerOptions = {}): Manager {
  return new Manager("http://server", { env, transports: ["websocket"], ...options });
}

function loseSocket(): void {
  env.socket().listener.close(1006, "");
}

describe("settings", () => {
  test("[C65] each is read without a value and set with one", () => {
    const io = manager({ autoConnect: false, randomizationFactor: 0.25 });
    expect([io.reconnection(), io.reconnectionAttempts(), io.timeout()]).toEqual([true, Infinity, 20_000]);
    expect([io.reconnectionDelay(), io.reconnectionDelayMax()]).toEqual([1000, 5000]);
    expect(io.randomizationFactor()).toBe(0.25);
    expect(io.reconnectionDelay(10).reconnectionDelayMax(20).reconnectionAttempts(1)).toBe(io);
    expect(io.reconnection(false).timeout(false).randomizationFactor(0)).toBe(io);
    expect(io.opts).toMatchObject({ reconnection: false, timeout: false, reconnectionDelay: 10 });
    expect([io.reconnection(), io.timeout(), io.uri]).toEqual([false, false, "http://server"]);
  });

  test("[C65] what is set counts from the next attempt on", async () => {
    const io = manager();
    acceptSocket(env);
    io.reconnectionDelay(10).reconnectionAttempts(1);
    io.opts.query["token"] = "new";
    io.opts.transports = ["polling"];
    io.opts.extraHeaders = { a: "b" };
    loseSocket();
    await clock.advance(5);
    const request = env.request("GET");
    expect(request.url.searchParams.get("token")).toBe("new");
    expect(request.options.extraHeaders).toEqual({ a: "b" });
    request.fail(new Error("no"));
    await clock.advance(60_000);
    expect(io.state).toEqual({ name: "closed", reason: "transport error" });
  });

  test("[C65] its sockets are there by their namespaces", () => {
    const io = manager({ autoConnect: false });
    const socket = io.socket("/chat");
    expect(io.nsps).toEqual({ "/chat": socket });
  });
});

describe("connect(callback)", () => {
  test("[C66] calls back when it is connected", () => {
    const io = manager({ autoConnect: false });
    io.open((error) => log.push(error));
    expect(log).toEqual([]);
    acceptSocket(env);
    expect(log).toEqual([undefined]);
  });

  test("[C66] calls back with the error, and nothing is tried again", async () => {
    const io = manager({ autoConnect: false });
    io.on("reconnect_failed", () => log.push("reconnect_failed"));
    io.connect((error) => log.push(error?.code));
    loseSocket();
    await clock.advance(60_000);
    expect(log).toEqual(["transport_failed"]);
    expect([env.sockets.length, io.state.name]).toEqual([1, "closed"]);
    io.connect();
    acceptSocket(env);
    expect(io.state.name).toBe("connected");
  });
});

describe("the order of transports", () => {
  const names = (): string[] => env.sockets.map(({ url }) => url.searchParams.get("transport") ?? "");

  test('[C4] "webtransport" is not tried, and tryAllTransports: false tries the first only', async () => {
    const io = manager({ transports: ["webtransport", "websocket", "polling"], tryAllTransports: false });
    loseSocket();
    await clock.advance(0);
    expect([names(), env.requests.length]).toEqual([["websocket"], 0]);
    expect(io.state.name).toBe("waiting");
  });
});

describe("the engine", () => {
  test("[C64] is there from the first attempt on, and tells what happens", async () => {
    const io = manager();
    const { engine } = io;
    expect([engine.id, engine.readyState, engine.transport.name]).toEqual([
      undefined,
      "opening",
      "websocket",
    ]);
    for (const event of ["open", "drain", "data"] as const) {
      engine.on(event, (...args: unknown[]) => log.push([event, ...args]));
    }
    engine.on("packet", ({ type, data }) => log.push(["packet", type, data]));
    engine.on("packetCreate", ({ type, data }) => log.push(["packetCreate", type, data]));
    engine.once("close", (reason, { description }) => log.push(["close", reason, description]));
    io.socket("/");
    acceptSocket(env);
    await clock.advance(0);
    env.socket().listener.message('40{"sid":"x"}');
    env.socket().listener.message("2");
    await clock.advance(0);
    loseSocket();
    expect(log).toEqual([
      ["open"],
      ["packetCreate", "message", "0"],
      ["drain"],
      ["packet", "message", '0{"sid":"x"}'],
      ["data", '0{"sid":"x"}'],
      ["packet", "ping", ""],
      ["packetCreate", "pong", ""],
      ["drain"],
      ["close", "transport close", "websocket closed (1006)"],
    ]);
    expect([engine.id, engine.readyState]).toEqual([undefined, "closed"]);
  });

  test("[C64] `drain` may be waited for after sending, and writeBuffer is what waits", async () => {
    const io = manager({ transports: ["polling"] });
    const socket = io.socket("/");
    env.request("GET").answer(openPacket());
    await clock.advance(0);
    env.request("POST").answer("ok");
    env.request("GET").answer('40{"sid":"x"}');
    await clock.advance(0);
    socket.emit("a");
    socket.emit("b");
    expect(io.engine.writeBuffer).toEqual([{ type: "message", data: '2["b"]' }]);
    io.engine.once("drain", () => log.push("drain"));
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect([log, io.engine.writeBuffer]).toEqual([[], []]);
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(log).toEqual(["drain"]);
  });

  test("[C64] `drain` comes once for what one turn sends, and again for what its listener sends", async () => {
    const io = manager();
    const socket = io.socket("/");
    acceptSocket(env);
    env.socket().listener.message('40{"sid":"x"}');
    await clock.advance(0);
    io.engine.on("drain", () => log.push("drain"));
    io.engine.once("drain", () => socket.emit("c"));
    socket.emit("a");
    socket.emit("b");
    await clock.advance(0);
    expect(log).toEqual(["drain", "drain"]);
  });

  test("[C64] `upgrade` tells the new transport", async () => {
    const io = manager({ transports: ["polling", "websocket"] });
    io.engine.on("upgrade", (transport) => log.push(transport.name, transport === io.engine.transport));
    env.request("GET").answer(openPacket({ upgrades: ["websocket"] }));
    await clock.advance(0);
    env.socket().listener.open();
    env.socket().listener.message("3probe");
    env.request("GET").answer("6");
    await clock.advance(0);
    expect(log).toEqual(["websocket", true]);
  });

  test("[C64] close() is a forced close, after which it connects again", async () => {
    const io = manager();
    const socket = io.socket("/");
    socket.on("disconnect", (reason) => log.push(reason));
    acceptSocket(env).listener.message('40{"sid":"x"}');
    io.engine.close();
    expect(log).toEqual(["forced close"]);
    expect(env.socket().isClosed).toBe(true);
    await clock.advance(1000);
    expect(env.sockets).toHaveLength(2);
    expect(io.engine.readyState).toBe("opening");
  });

  test("[C64] close() before it is open is a failed attempt", async () => {
    const io = manager();
    io.on("close", (reason) => log.push(reason));
    io.engine.close();
    expect([log, io.state.name, env.socket().isClosed]).toEqual([["forced close"], "waiting", true]);
    await clock.advance(1000);
    acceptSocket(env);
    expect(io.state.name).toBe("connected");
  });
});

describe("listeners", () => {
  test("[C63] the manager has the emitter's methods", () => {
    const io = manager({ autoConnect: false });
    const listener = function (this: unknown): void {
      log.push(this === io);
    };
    io.addEventListener("open", listener).once("open", () => log.push("once"));
    io.on("ping", listener).on("close", listener).on("error", listener).on("reconnect", listener);
    expect(io.listeners("open")).toHaveLength(2);
    io.removeListener("ping", listener).removeEventListener("close", listener);
    expect([io.hasListeners("ping"), io.hasListeners("close"), io.hasListeners("error")]).toEqual([
      ...[false, false, true],
    ]);
    io.off("error");
    expect(io.hasListeners("error")).toBe(false);
    io.connect();
    acceptSocket(env);
    expect(log).toEqual([true, "once"]);
    io.removeAllListeners();
    expect([io.listeners("open"), io.hasListeners("reconnect")]).toEqual([[], false]);
  });

  test("[C63] `packet` fires for what comes, of whatever namespace", () => {
    const io = manager();
    io.on("packet", (packet) => log.push(packet));
    acceptSocket(env).listener.message('42/other,["a"]');
    expect(log).toEqual([{ type: "event", namespace: "/other", id: undefined, data: ["a"] }]);
  });
});

describe("pages", () => {
  test("[C70] with closeOnBeforeunload the link ends unheard", () => {
    const io = manager({ closeOnBeforeunload: true });
    const socket = io.socket("/");
    socket.on("disconnect", (reason) => log.push(reason));
    acceptSocket(env).listener.message('40{"sid":"x"}');
    env.page("beforeunload");
    expect([env.socket().isClosed, log]).toEqual([true, []]);
  });

  test("[C70] without it the page is let go", () => {
    manager();
    acceptSocket(env);
    env.page("beforeunload");
    expect(env.socket().isClosed).toBe(false);
  });
});
