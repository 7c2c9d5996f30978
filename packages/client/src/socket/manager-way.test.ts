import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { ManagerOptions } from "../options.ts";
import { acceptSocket, acceptStream, type FakeEnv, fakeEnv, openPacket } from "../testing/fake-env.ts";
import { Manager } from "./manager.ts";

const WELCOME = '40{"sid":"x"}';
const STREAM_WELCOME = `data:${WELCOME}\n\n`;

let clock: VirtualClock;
let env: FakeEnv;

beforeEach(() => {
  clock = virtualClock();
  env = fakeEnv(clock);
});

function manager(options: ManagerOptions = {}, url = "http://server"): Manager {
  return new Manager(url, { env, reconnectionDelay: 1000, ...options });
}

function loseSocket(): void {
  env.socket().listener.close(1006, "");
}

/** What was asked for since the last call, in the order in which HTTP and WebSockets are counted here. */
function tried(): string[] {
  const urls = [...env.sockets.splice(0), ...env.requests.splice(0)].map(({ url }) => url.searchParams);
  return urls.filter((query) => !query.has("sid")).map((query) => query.get("transport") ?? "");
}

/** WebSockets are refused, and the stream works. */
function overStream(options?: ManagerOptions): Manager {
  const io = manager(options);
  loseSocket();
  acceptStream(env).stream(STREAM_WELCOME);
  expect(io.state).toEqual({ name: "connected", transport: "sse" });
  tried();
  return io;
}

describe("the way to a server", () => {
  test("[C6] is remembered: the transport that won starts first next time", async () => {
    overStream().engine.lose("transport close", "");
    await clock.advance(500);
    expect(tried()).toEqual(["sse"]);
    await clock.advance(1000);
    expect(tried()).toEqual(["websocket"]);
  });

  test("[C6] also for other managers, and after a reload, but not for other servers or other transports", async () => {
    overStream();
    manager();
    expect(tried()).toEqual(["sse"]);
    const reloaded = fakeEnv(clock);
    Object.assign(reloaded.memory, env.memory);
    manager({ env: reloaded });
    expect([reloaded.sockets.length, reloaded.requests.length]).toEqual([0, 1]);
    manager({}, "http://other");
    expect(tried()).toEqual(["websocket"]);
    manager({ transports: ["websocket", "polling"] });
    manager({ tryAllTransports: false });
    expect(tried()).toEqual(["websocket", "websocket"]);
  });

  test("[C6] for ten minutes, however often it proved right", async () => {
    overStream().disconnect();
    await clock.advance(590_000);
    const again = manager();
    acceptStream(env);
    again.disconnect();
    await clock.advance(9999);
    tried();
    manager().disconnect();
    expect(tried()).toEqual(["sse"]);
    await clock.advance(1);
    manager();
    expect(tried()).toEqual(["websocket"]);
  });

  test("[C6] until the network is another one", () => {
    overStream();
    env.page("online");
    manager();
    expect(tried()).toEqual(["websocket"]);
  });

  test("[C6] until a WebSocket was reached", async () => {
    const io = manager({ transports: ["websocket", "polling"] });
    loseSocket();
    await upgradePolling();
    env.socket().listener.message(WELCOME);
    tried();
    io.engine.close();
    await clock.advance(500);
    expect(tried()).toEqual(["websocket"]);
  });

  test("[C6] a page whose storage is full remembers nothing", () => {
    const memory = new Proxy(env.memory, {
      set() {
        throw new Error("QuotaExceededError");
      },
    });
    overStream({ env: { ...env, memory } });
    manager();
    expect(tried()).toEqual(["websocket"]);
  });

  test("[C6] with rememberUpgrade it begins with the WebSocket once one was reached", async () => {
    const io = manager({ transports: ["polling", "websocket"], rememberUpgrade: true });
    await upgradePolling();
    env.socket().listener.message(WELCOME);
    tried();
    io.engine.close();
    await clock.advance(500);
    expect(tried()).toEqual(["websocket"]);
  });
});

describe("a transport that opens and is cut before the server said anything", () => {
  test("[C78] is a WebSocket: at once the others are tried, and it behind them", async () => {
    const io = manager();
    const waits: number[] = [];
    io.on("state", (state) => state.name === "waiting" && waits.push(state.delayMs));
    acceptSocket(env);
    env.socket().listener.close(1006, "");
    tried();
    await clock.advance(0);
    expect(waits).toEqual([0]);
    expect(tried()).toEqual(["sse"]);
    await clock.advance(1000);
    expect(tried()).toEqual(["polling"]);
    await clock.advance(300);
    expect(tried()).toEqual(["websocket"]);
  });

  test("[C78] and when the others fail and it is cut again, the delay grows as ever", async () => {
    const io = manager();
    const waits: number[] = [];
    io.on("state", (state) => state.name === "waiting" && waits.push(state.delayMs));
    acceptSocket(env).listener.close(1006, "");
    await clock.advance(0);
    env.request("GET").fail(new Error("no"));
    await clock.advance(0);
    env.request("GET").fail(new Error("no"));
    await clock.advance(0);
    acceptSocket(env).listener.close(1006, "");
    expect(waits).toEqual([0, 1000]); // half of 2000, and the first time would have been half of 1000
  });

  test("[C78] a network that is gone says nothing of the transport", async () => {
    const io = manager();
    acceptSocket(env);
    env.network(false);
    expect(io.state).toMatchObject({ name: "waiting", attempt: 1, delayMs: 500 });
    tried();
    env.network(true);
    expect(tried()).toEqual(["websocket"]);
  });
});

async function upgradePolling(): Promise<void> {
  env.request("GET").answer(openPacket({ upgrades: ["websocket"] }));
  await clock.advance(0);
  env.socket().listener.open();
  env.socket().listener.message("3probe");
  env.request("GET").answer("6");
  await clock.advance(0);
}
