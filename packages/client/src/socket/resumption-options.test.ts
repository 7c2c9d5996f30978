import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { type ResumptionHarness, resumptionHarness } from "../testing/resumption-harness.ts";

let clock: VirtualClock;
let world: ResumptionHarness;

beforeEach(() => {
  clock = virtualClock();
  world = resumptionHarness(clock);
});

describe("the events of Socket.IO's recovery", () => {
  test("[U56] disconnect at the loss; connect with recovered, and behind it what was missed", async () => {
    const socket = world.agreed({ resumption: { events: "classic" } });
    socket.on("e", (n) => world.log.push(n));
    const promise = socket.emitWithAck("ask");
    world.lose();
    expect([socket.connected, socket.id]).toEqual([false, undefined]);
    socket.emit("waiting");
    await world.relink();
    world.sent();
    world.agree({ ok: true, h: 1 });
    expect([socket.recovered, socket.id]).toEqual([true, "socket-id"]);
    expect(world.sent()).toEqual(['2["waiting"]']);
    world.receive('2["e",1]', '30["answer"]');
    expect(world.log).toEqual([
      "suspend transport close",
      "disconnect transport close",
      "resume",
      "connect",
      1,
    ]);
    await expect(promise).resolves.toBe("answer");
  });

  test("[U56] what is lost then is no second disconnect", async () => {
    const socket = world.agreed({ resumption: { events: "classic" } });
    const promise = socket.emitWithAck("ask");
    world.lose();
    await world.relink();
    world.agree();
    expect(world.log.slice(1)).toEqual(["disconnect transport close", ["lost unknown", ["ask"]], "connect"]);
    await expect(promise).rejects.toMatchObject({ code: "reply_lost" });
    expect(socket.recovered).toBe(false);
  });
});

describe("retries", () => {
  test("[U57] to a server that agreed all leave at once, and what comes late is not repeated", async () => {
    const socket = world.make({ retries: 2, ackTimeout: 100 });
    socket.emit("a");
    socket.emit("b", (error: unknown, answer: unknown) => world.log.push([error, answer]));
    world.open();
    world.agree();
    socket.emit("c", (error: unknown) => world.log.push(error));
    expect(world.sent().slice(1)).toEqual(['2["a"]', '20["b"]', '21["c"]']);
    await clock.advance(299);
    world.receive('30["yes"]');
    await clock.advance(1);
    expect(world.log.slice(1)).toEqual([[null, "yes"], expect.objectContaining({ code: "ack_timeout" })]);
    expect(world.sent()).toEqual([]);
    world.lose();
    socket.emit("d");
    await world.relink();
    world.agree({ ok: true, h: 1 });
    expect(world.sent()).toEqual(['20["b"]', '21["c"]', '2["d"]']);
  });

  test("[U57] what was emitted before there was a bound leaves all the same", () => {
    const socket = world.make({ retries: 1, resumption: { maxQueuedBytes: 300 } });
    for (const event of ["a", "b", "c"]) socket.emit(event, "x".repeat(200));
    world.open();
    world.agree();
    expect(world.log).toEqual(["connect"]);
    expect(world.sent().filter((frame) => String(frame).includes("xxx")).length).toBe(3);
    expect(() => socket.emit("d")).toThrow("wait to be confirmed");
  });

  test.each([
    ["that agreed", (): void => (world.open(), world.agree())],
    ["that did not", (): void => world.welcome()],
  ])("[U57] what cannot be sent fails, and stops nothing, to a server %s", (_which, welcome) => {
    const socket = world.make({ retries: 1, ackTimeout: 1000 });
    const changed: unknown[] = [];
    const failed = (error: unknown): void => void world.log.push(error);
    socket.emit("huge", "x".repeat(2_000_000), failed);
    socket.emit("changed", changed, failed);
    socket.emit("changed", changed);
    socket.emit("fine");
    changed.push(1n);
    welcome();
    expect(world.sent().at(-1)).toMatch('["fine"]');
    expect(world.log).toEqual([
      expect.objectContaining({ code: "payload_too_large" }),
      expect.objectContaining({ code: "unserializable" }),
      "connect",
    ]);
    expect(world.errors).toEqual([
      [expect.objectContaining({ code: "unserializable" }), { stage: "ack", event: "changed" }],
    ]);
  });

  test("[U57] what is in doubt when it is lost is sent again, and may still be answered", async () => {
    const socket = world.agreed({ retries: 2, ackTimeout: 60_000 });
    socket.emit("a", (error: unknown, answer: unknown) => world.log.push([error, answer]));
    world.lose();
    socket.emit("b");
    await world.relink();
    world.agree();
    expect(world.sent()).toEqual(['20["a"]', '2["b"]']);
    world.receive("30[1]");
    expect(world.log.slice(1)).toEqual([
      "disconnect transport close",
      ["lost unknown"],
      "connect",
      [null, 1],
    ]);
    expect(world.errors).toEqual([]);
  });
});

describe("leaving for good", () => {
  test("[U58] manager.disconnect() tells the servers that agreed, so that they do not wait", () => {
    const socket = world.agreed();
    socket.emit("e");
    world.sent();
    socket.io.disconnect();
    expect(world.sent()).toEqual(["1"]);
    expect(world.log).toEqual(["disconnect forced close"]);
    expect(clock.pending).toBe(0);
  });

  test("[U58] so does a page that goes", () => {
    world.agreed();
    world.env.page("pagehide");
    expect(world.sent()).toEqual(["1"]);
  });

  test("[U58] who leaves before the reply says so too", () => {
    const socket = world.make();
    world.open();
    socket.disconnect();
    expect(world.sent()).toEqual([expect.stringMatching(/^0/), "1"]);
    socket.connect();
    world.open();
    world.sent();
    socket.io.disconnect();
    expect(world.sent()).toEqual(["1"]);
  });

  test("[U58] while others keep the connection it is said when the reply comes; who wants in again asks then", () => {
    const socket = world.agreed().io.socket("/other");
    socket.on("connect", () => world.log.push(socket.id));
    const connect = expect.stringContaining('0/other,{"$x"') as unknown;
    socket.disconnect().connect().disconnect();
    expect(world.sent()).toEqual([connect]);
    world.receive('0/other,{"sid":"nobody","$x":{"rs":{"w":60000,"h":0}}}');
    expect(world.sent()).toEqual(["1/other,"]);
    socket.connect();
    socket.disconnect().connect();
    expect(world.sent()).toEqual([connect]);
    world.receive('0/other,{"sid":"too late","$x":{"rs":{"w":60000,"h":0}}}', '2/other,["late"]', "1/other,");
    expect(world.sent()).toEqual(["1/other,", connect]);
    world.receive('0/other,{"sid":"in time","$x":{"rs":{"w":60000,"h":0}}}');
    socket.emit("e");
    expect([world.log, world.sent()]).toEqual([["in time"], ['2/other,["e"]']]);
  });

  test("[U58] a refusal that nobody waits for says nothing, and who wants in again asks then", () => {
    const socket = world.agreed().io.socket("/other");
    socket.on("connect_error", (error) => world.log.push(error));
    socket.disconnect().connect();
    world.sent();
    world.receive('4/other,{"message":"no"}');
    expect(world.log).toEqual([]);
    expect(world.sent()).toEqual([expect.stringContaining("0/other,")]);
    world.receive('4/other,{"message":"no"}');
    expect(world.log).toEqual([expect.objectContaining({ code: "refused" })]);
  });

  test("[U58] who left before the reply says so when the connection is meant to end", () => {
    const { io } = world.agreed();
    io.socket("/other").disconnect();
    world.sent();
    io.disconnect();
    expect(world.sent()).toEqual(["1", "1/other,"]);
  });

  test("[U58] and no others", () => {
    const socket = world.connected();
    world.env.page("pagehide");
    socket.io.disconnect();
    expect(world.sent()).toEqual([]);
    expect(world.log).toEqual(["connect", "disconnect forced close"]);
  });

  test("[U58] a sign of life is asked of servers that agreed, and no others", () => {
    const socket = world.make();
    expect(socket._probe()).toBe(false);
    world.open();
    world.sent();
    expect(socket._probe()).toBe(false);
    world.agree();
    expect([socket._probe(), world.sent()]).toEqual([true, ['2["$","r"]']]);
    world.lose();
    expect(socket._probe()).toBe(false);
  });
});
