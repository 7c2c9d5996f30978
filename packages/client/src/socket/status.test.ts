import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { type SocketHarness, socketHarness } from "../testing/socket-harness.ts";

let clock: VirtualClock;
let world: SocketHarness;

beforeEach(() => {
  clock = virtualClock();
  world = socketHarness(clock);
});

const turn = (): Promise<void> => clock.advance(0);

describe("status", () => {
  test("[U54] tells whether it tries, and whether there is something to lose", async () => {
    const socket = world.make({ autoConnect: false });
    const { status } = socket;
    expect(status.value).toEqual({ name: "offline", unconfirmed: 0 });
    socket.connect();
    socket.emit("e");
    expect(status.value).toEqual({ name: "connecting", unconfirmed: 1 });
    world.open();
    expect(status.value).toEqual({ name: "connecting", unconfirmed: 1 });
    world.agree({ w: 4000 });
    expect(status.value).toEqual({ name: "online", transport: "websocket", unconfirmed: 1 });
    world.receive('2["$","a",1]');
    expect(status.value).toEqual({ name: "online", transport: "websocket", unconfirmed: 0 });
    const now = world.env.wallClock();
    world.lose();
    const waiting = { reason: "transport close", nextAttemptAt: now + 500, unconfirmed: 0 };
    expect(status.value).toEqual({ name: "suspended", ...waiting });
    await clock.advance(500);
    expect(status.value).toEqual({ name: "suspended", reason: "transport close", unconfirmed: 0 });
    await clock.advance(4000);
    expect(status.value).toMatchObject({ name: "connecting", reason: "transport close" });
    socket.disconnect();
    expect(status.value).toEqual({ name: "offline", reason: "io client disconnect", unconfirmed: 0 });
    socket.connect();
    expect(status.value).toEqual({ name: "connecting", unconfirmed: 0 });
  });

  test("[U54] is offline when nobody tries any more, and with a server of Socket.IO nothing is suspended", async () => {
    const socket = world.connected({ reconnectionAttempts: 1 });
    world.lose();
    expect(socket.status.value).toMatchObject({ name: "connecting", reason: "transport close" });
    await clock.advance(1000);
    world.lose();
    expect(socket.status.value).toEqual({ name: "offline", reason: "transport close", unconfirmed: 0 });
    socket.connect();
    world.welcome();
    socket.io.disconnect();
    expect(socket.status.value).toEqual({ name: "offline", reason: "forced close", unconfirmed: 0 });
  });

  test("[U54] a namespace that waits for its reply is not online", () => {
    const socket = world.connected();
    const other = socket.io.socket("/other");
    expect([socket.status.value.name, other.status.value.name]).toEqual(["online", "connecting"]);
    world.receive('4/other,{"message":"no"}');
    expect(other.status.value).toMatchObject({ name: "offline", reason: "io server disconnect" });
  });

  test("[U55] is the same frozen object until it changes", () => {
    const socket = world.connected();
    const { value } = socket.status;
    expect(Object.isFrozen(value)).toBe(true);
    socket.emit("e");
    expect(socket.status.value).toBe(value);
    world.lose();
    expect(socket.status.value).not.toBe(value);
  });

  test("[U55] listeners hear of a change once a turn, whoever looked before, until they stop", async () => {
    const { status } = world.make({ autoConnect: false });
    const { subscribe } = status; // as React calls it
    const heard: unknown[] = [];
    const stop = subscribe(({ name, unconfirmed }) => heard.push([name, unconfirmed]));
    await turn();
    expect(heard).toEqual([]);
    stop();
    stop();
    const socket = world.make();
    const stopped = socket.status.subscribe(({ name, unconfirmed }) => heard.push([name, unconfirmed]));
    world.open();
    world.agree();
    for (let n = 0; n < 1000; n++) socket.emit("e", n);
    expect([heard, socket.status.value.unconfirmed]).toEqual([[], 1000]);
    await turn();
    expect(heard.splice(0)).toEqual([["online", 1000]]);
    world.receive('2["$","a",400]', '2["$","a",1000]');
    await turn();
    expect(heard.splice(0)).toEqual([["online", 0]]);
    socket.volatile.emit("v");
    world.receive('2["$","a",1000]');
    await turn();
    expect(heard).toEqual([]);
    stopped();
    world.lose();
    await turn();
    expect(heard).toEqual([]);
  });

  test("[U55] a suspension that is over is heard of, also where nothing is lost", async () => {
    const socket = world.make({ reconnectionDelay: 1_000_000, reconnectionDelayMax: 1_000_000 });
    world.open();
    world.agree();
    const heard: string[] = [];
    socket.status.subscribe(({ name }) => heard.push(name));
    world.lose();
    await turn();
    await clock.advance(60_000);
    await turn();
    expect(heard).toEqual(["suspended", "connecting"]);
  });

  test("[U55] one that fails is reported, and the others hear", async () => {
    const socket = world.connected();
    const failure = new Error("mine");
    let heard = 0;
    socket.status.subscribe(() => {
      throw failure;
    });
    socket.status.subscribe(() => heard++);
    world.lose();
    await turn();
    expect(heard).toBe(1);
    expect(world.errors).toEqual([[failure, { stage: "handler", event: "status" }]]);
  });
});
