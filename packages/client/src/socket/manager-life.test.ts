import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { PageEvent } from "../env.ts";
import { acceptSocket, type FakeEnv, fakeEnv } from "../testing/fake-env.ts";
import { Manager } from "./manager.ts";

let clock: VirtualClock;
let env: FakeEnv;
let io: Manager;
let closes: string[];

const WAKING: readonly PageEvent[] = ["online", "change", "visibilitychange", "pageshow", "resume"];

beforeEach(() => {
  clock = virtualClock();
  env = fakeEnv(clock);
  io = new Manager("http://server", { env, transports: ["websocket"] });
  closes = [];
  io.on("close", (reason, details) => closes.push(`${reason}: ${details?.description}`));
});

/** Connected, with two sockets of which the second one's namespace agreed on resumption, or did not. */
function connect(agrees: boolean): void {
  io.socket("/");
  io.socket("/kept");
  const server = acceptSocket(env, agrees ? { ext: { rs: 1 } } : {}).listener;
  server.message('40{"sid":"x"}');
  server.message(
    `40/kept,${JSON.stringify({ sid: "y", ...(agrees && { $x: { rs: { w: 120_000, h: 0 } } }) })}`,
  );
  env.socket().sent.length = 0;
}

describe("what may have killed the link unnoticed", () => {
  test.each(WAKING)(
    "[C81] after %s the server is asked, and replaced at once when nothing comes within 2 s",
    async (event) => {
      connect(true);
      env.page(event);
      expect(env.socket().sent).toEqual(['42/kept,["$","r"]']);
      await clock.advance(1999);
      expect([closes, env.sockets.length]).toEqual([[], 1]);
      await clock.advance(1);
      expect(closes).toEqual(["ping timeout: no sign of life within 2000 ms"]);
      expect(env.sockets).toHaveLength(2);
      expect(io.state).toEqual({ name: "connecting", attempt: 1 });
    },
  );

  test("[C81] anything that comes is a sign of life", async () => {
    connect(true);
    env.page("online");
    await clock.advance(1999);
    env.socket().listener.message('42/kept,["$","a",0]');
    await clock.advance(44_999);
    expect([closes, env.sockets.length]).toEqual([[], 1]);
    await clock.advance(1);
    expect(closes).toEqual(["ping timeout: no sign of life within 45000 ms"]);
    expect(io.state.name).toBe("waiting");
  });

  test("[C81] it is asked again after the next event, and has its 2 s from then", async () => {
    connect(true);
    env.page("visibilitychange");
    await clock.advance(1500);
    env.socket().listener.message("2");
    env.page("pageshow");
    expect(env.socket().sent).toEqual(['42/kept,["$","r"]', "3", '42/kept,["$","r"]']);
    await clock.advance(1999);
    expect(closes).toEqual([]);
    await clock.advance(1);
    expect(closes).toHaveLength(1);
  });

  test("[C81] events that come one upon the other do not put it off", async () => {
    connect(true);
    env.page("visibilitychange");
    await clock.advance(1500);
    env.page("online");
    await clock.advance(500);
    expect(closes).toHaveLength(1);
  });

  test("[C81] a server that does not understand is not asked, and pings in time or is dead", async () => {
    connect(false);
    env.page("online");
    await clock.advance(44_999);
    expect([env.socket().sent, closes]).toEqual([[], []]);
    env.sleep(2);
    env.page("pageshow");
    expect(closes).toEqual(["ping timeout: no sign of life within 45000 ms"]);
    expect(io.state).toEqual({ name: "connecting", attempt: 1 });
  });

  test.each(WAKING)("[C81] %s while it waits to reconnect is a reason to try at once", (event) => {
    connect(true);
    env.socket().listener.close(1006, "");
    expect(io.state.name).toBe("waiting");
    env.page(event);
    expect(io.state).toEqual({ name: "connecting", attempt: 1 });
  });

  test("[C81] nothing is listened to once it is closed", () => {
    connect(true);
    io.disconnect();
    expect(env.networkListeners).toBe(0);
  });
});
