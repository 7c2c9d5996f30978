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

function manager(options: ManagerOptions = {}, url = "http://server"): Manager {
  const made = new Manager(url, { env, transports: ["websocket"], autoConnect: false, ...options });
  made.on("state", (state) => log.push(state));
  for (const event of ["open", "reconnect_failed"] as const) made.on(event, () => log.push(event));
  for (const event of ["reconnect", "reconnect_attempt"] as const) {
    made.on(event, (attempt) => log.push(`${event} ${attempt}`));
  }
  for (const event of ["error", "reconnect_error"] as const) {
    made.on(event, (error) => log.push(`${event} ${error.code}`));
  }
  made.on("close", (reason, details) => log.push(`close ${reason}: ${details?.description}`));
  return made;
}

/** What was logged since the last call. */
function logged(): unknown[] {
  return log.splice(0);
}

function loseSocket(): void {
  env.socket().listener.close(1006, "");
}

describe("Manager", () => {
  test("[C30] goes from idle to connected, and tells", () => {
    const io = manager();
    expect(io.state).toEqual({ name: "idle" });
    expect(io.engine).toBeUndefined();
    io.connect();
    io.open();
    acceptSocket(env);
    const connected = { name: "connected", transport: "websocket" };
    expect(logged()).toEqual([{ name: "connecting", attempt: 0 }, connected, "open"]);
    expect(io.state).toEqual(connected);
    expect(io.engine).toMatchObject({
      id: "engine-sid",
      readyState: "open",
      transport: { name: "websocket" },
    });
    expect(env.sockets).toHaveLength(1);
  });

  test("[C30] the state is the same object until it changes", async () => {
    const io = manager();
    const unchanged = (): boolean => io.state === io.state && io.state === log.findLast(isState);
    const isState = (entry: unknown): boolean => typeof entry === "object";
    io.connect();
    expect(unchanged()).toBe(true);
    acceptSocket(env);
    expect(unchanged()).toBe(true);
    loseSocket();
    expect(unchanged()).toBe(true);
    await clock.advance(100);
    expect(unchanged()).toBe(true);
  });

  test("[C30] connects by itself unless autoConnect is false", () => {
    manager({ autoConnect: true });
    expect(env.sockets).toHaveLength(1);
  });

  test("[C30] a lost connection is made again after a delay", async () => {
    const io = manager();
    io.connect();
    acceptSocket(env);
    logged();
    loseSocket();
    const waiting = {
      name: "waiting",
      attempt: 1,
      delayMs: 500,
      retryAt: 1_000_500,
      reason: "transport close",
    };
    expect(logged()).toEqual([waiting, "close transport close: websocket closed (1006)"]);
    expect(io.state).toEqual(waiting);
    await clock.advance(500);
    acceptSocket(env);
    expect(logged()).toEqual([
      "reconnect_attempt 1",
      { name: "connecting", attempt: 1 },
      { name: "connected", transport: "websocket" },
      "open",
      "reconnect 1",
    ]);
  });

  test("[C30] failures double the delay, and success forgets them", async () => {
    const io = manager();
    io.connect();
    const delays: unknown[] = [];
    io.on("state", (state) => state.name === "waiting" && delays.push(state.delayMs));
    for (let failure = 0; failure < 5; failure++) {
      loseSocket();
      await clock.advance(5000);
    }
    acceptSocket(env).listener.message('40{"sid":"x"}');
    loseSocket();
    expect(delays).toEqual([500, 1000, 2000, 2500, 2500, 500]);
  });

  test("[C34] a connection that ends before the server said anything is a failure like others", async () => {
    const io = manager({ reconnectionAttempts: 3 });
    io.connect();
    const delays: unknown[] = [];
    io.on("state", (state) => state.name === "waiting" && delays.push(state.delayMs));
    for (let failure = 0; failure < 4; failure++) {
      acceptSocket(env);
      loseSocket();
      await clock.advance(5000);
    }
    expect(delays).toEqual([500, 1000, 2000]);
    expect(io.state).toEqual({ name: "closed", reason: "transport close" });
    expect(logged()).toContain("reconnect_failed");
  });

  test("[C34] a transport that opens and breaks is not preferred", async () => {
    const io = manager({ transports: ["websocket", "polling"] });
    io.connect();
    loseSocket();
    env.request("GET").answer(openPacket());
    await clock.advance(0);
    env.request("GET").answer('40{"sid":"x"}');
    await clock.advance(0);
    for (let connection = 0; connection < 2; connection++) {
      env.request("GET").answer('{"code":1,"message":"Session ID unknown"}', 400);
      await clock.advance(0);
      expect(env.sockets).toHaveLength(1);
      io.connect(); // the first time on polling, which had worked
      if (connection === 0) env.request("GET").answer(openPacket());
      await clock.advance(0);
    }
    expect(env.sockets).toHaveLength(2);
  });

  test("[C30] it gives up after reconnectionAttempts", async () => {
    const io = manager({ reconnectionAttempts: 2 });
    io.connect();
    for (let failure = 0; failure < 3; failure++) {
      loseSocket();
      await clock.advance(5000);
    }
    expect(logged().filter((entry) => typeof entry === "string")).toEqual([
      "error transport_failed",
      "reconnect_attempt 1",
      "error transport_failed",
      "reconnect_error transport_failed",
      "reconnect_attempt 2",
      "error transport_failed",
      "reconnect_error transport_failed",
      "reconnect_failed",
    ]);
    expect(io.state).toEqual({ name: "closed", reason: "transport error" });
    expect([clock.pending, env.networkListeners]).toEqual([0, 0]);
    io.connect();
    expect(io.state).toEqual({ name: "connecting", attempt: 0 });
  });

  test("[C30] without reconnection it closes", () => {
    const io = manager({ reconnection: false });
    io.connect();
    acceptSocket(env);
    loseSocket();
    expect(io.state).toEqual({ name: "closed", reason: "transport close" });
    expect(clock.pending).toBe(0);
  });

  test("[C30] connect() while it waits retries at once", async () => {
    const io = manager();
    io.connect();
    acceptSocket(env);
    loseSocket();
    logged();
    io.connect();
    expect(logged()).toEqual(["reconnect_attempt 1", { name: "connecting", attempt: 1 }]);
    await clock.advance(600);
    expect(env.sockets).toHaveLength(2);
  });

  test("[C30] a listener of reconnect_attempt may disconnect", async () => {
    const io = manager();
    io.on("reconnect_attempt", () => io.disconnect());
    io.connect();
    loseSocket();
    await clock.advance(60_000);
    expect(env.sockets).toHaveLength(1);
    expect(io.state).toEqual({ name: "closed", reason: "forced close" });
  });

  test("[C30] disconnect() ends it in every state", async () => {
    const io = manager();
    io.disconnect();
    expect(io.state.name).toBe("idle");
    io.connect().disconnect();
    expect(env.socket().isClosed).toBe(true);
    io.connect();
    acceptSocket(env);
    io.disconnect();
    expect(env.socket().isClosed).toBe(true);
    io.connect();
    loseSocket();
    io.disconnect();
    await clock.advance(60_000);
    expect(env.sockets).toHaveLength(3);
    expect([io.state.name, clock.pending, env.networkListeners]).toEqual(["closed", 0, 0]);
  });

  test("[C12] a packet that cannot be decoded closes with a parse error, and it connects again", async () => {
    const io = manager();
    io.connect();
    acceptSocket(env).listener.message('42["connect"]');
    expect(logged()).toContainEqual(expect.stringMatching(/^close parse error: .*reserved/));
    await clock.advance(500);
    expect(io.state.name).toBe("connecting");
  });

  test("[C30] the state is told again when the transport changed", async () => {
    const io = manager({ transports: ["polling", "websocket"] });
    io.connect();
    env.request("GET").answer(openPacket({ upgrades: ["websocket"] }));
    await clock.advance(0);
    env.socket().listener.open();
    env.socket().listener.message("3probe");
    env.request("GET").answer("6");
    await clock.advance(0);
    expect(logged()).toEqual([
      { name: "connecting", attempt: 0 },
      { name: "connected", transport: "polling" },
      "open",
      { name: "connected", transport: "websocket" },
    ]);
    expect(io.engine.transport.name).toBe("websocket");
  });

  test("[C32] losing the network ends the connection at once, getting it back retries at once", () => {
    const io = manager();
    io.connect();
    acceptSocket(env);
    logged();
    env.network(false);
    expect(logged()).toContain("close transport close: network connection lost");
    env.network(false);
    expect(io.state.name).toBe("waiting");
    env.network(true);
    expect(io.state).toEqual({ name: "connecting", attempt: 1 });
  });

  test("[C32] the own machine needs no network", () => {
    const io = manager({}, "http://localhost:3000");
    io.connect();
    acceptSocket(env);
    env.network(false);
    expect(io.state.name).toBe("connected");
  });

  test("[C33] what a listener throws goes to onError, or is reported as uncaught", () => {
    const errors: unknown[] = [];
    const failing = new Error("mine");
    const io = manager({ onError: (error, context) => errors.push([error, context]) });
    io.on("open", () => {
      throw failing;
    });
    io.connect();
    acceptSocket(env);
    expect(errors).toEqual([[failing, { stage: "manager", event: "open" }]]);
    expect(io.state.name).toBe("connected");
    const other = manager();
    other.on("open", () => {
      throw failing;
    });
    other.connect();
    acceptSocket(env);
    expect(env.errors).toEqual([failing]);
  });
});
