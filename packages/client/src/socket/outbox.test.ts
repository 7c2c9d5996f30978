import type { RealtimeError } from "@bowline/protocol";
import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { FakeEnv } from "../testing/fake-env.ts";
import { type SocketHarness, socketHarness } from "../testing/socket-harness.ts";

let clock: VirtualClock;
let env: FakeEnv;
let errors: SocketHarness["errors"];
let log: unknown[];
let make: SocketHarness["make"];
let connected: SocketHarness["connected"];
let welcome: SocketHarness["welcome"];
let receive: SocketHarness["receive"];
let lose: SocketHarness["lose"];
let sent: SocketHarness["sent"];

beforeEach(() => {
  clock = virtualClock();
  ({ env, errors, log, make, connected, welcome, receive, lose, sent } = socketHarness(clock));
});

describe("sending", () => {
  test("[C41] events wait for the connection and go out in order", () => {
    const socket = make();
    socket.onAnyOutgoing((event, ...args) => log.push([event, ...args]));
    socket.emit("a", 1);
    socket.send("b");
    expect(log).toEqual([]);
    welcome();
    expect(sent()).toEqual(["0", '2["a",1]', '2["message","b"]']);
    expect(log).toEqual([["a", 1], ["message", "b"], "connect"]);
  });

  test("[C41] what cannot be sent throws at once, also while it would wait", () => {
    const socket = make();
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    expect(() => socket.emit("x", loop)).toThrow(expect.objectContaining({ code: "unserializable" }));
    expect(() => socket.emit("x", 1n, () => {})).toThrow(expect.objectContaining({ code: "unserializable" }));
    expect(() => socket.emit("connect")).toThrow('"connect" is a reserved event name');
    welcome();
    expect(sent()).toEqual(["0"]);
  });

  test("[C41] that many events wait costs each of them no more", () => {
    const many = 50_000;
    const socket = make();
    let answered = 0;
    for (let index = 0; index < many; index++) socket.emit("a", index, () => answered++);
    welcome();
    const frames = sent();
    expect(frames).toHaveLength(many + 1);
    expect(frames.at(-1)).toBe(`2${many - 1}["a",${many - 1}]`);
    lose();
    for (let index = 0; index < many; index++) socket.timeout(1000).emit("b", index, () => answered++);
    socket.disconnect();
    expect(answered).toBe(0); // the first are lost, the others may yet be sent
  });

  test("[C42] volatile events are dropped unless they can leave at once", async () => {
    const socket = make();
    socket.volatile.emit("early");
    await expect(socket.volatile.emitWithAck("early")).rejects.toMatchObject({ code: "disconnected" });
    welcome();
    env.socket().bufferedAmount = 100_000;
    socket.volatile.emit("jammed");
    env.socket().bufferedAmount = 0;
    socket.volatile.emit("free");
    socket.emit("normal");
    expect(sent()).toEqual(["0", '2["free"]', '2["normal"]']);
  });

  test("[C42] an operator changes nothing but what it sends itself", () => {
    const socket = connected();
    const timed = socket.timeout(100);
    void timed.volatile.timeout(50);
    socket.emit("a", (answer: unknown) => log.push(answer));
    receive('30["plain"]');
    expect(log).toEqual(["connect", "plain"]);
  });

  test("[C20] an event emitted after the machine slept waits for the next connection", async () => {
    const socket = connected();
    env.sleep(60_000);
    socket.emit("x");
    expect(log).toEqual(["connect", "disconnect ping timeout"]);
    await clock.advance(500);
    welcome();
    expect(sent()).toEqual(["0", '2["x"]']);
  });
});

describe("acks", () => {
  test("[C43] the answer goes to the callback or the promise, whatever its order", async () => {
    const socket = connected();
    socket.emit("a", (...answer: unknown[]) => log.push(answer));
    const promise = socket.emitWithAck("b", 1);
    expect(sent()).toEqual(['20["a"]', '21["b",1]']);
    receive('31["yes","more"]', "30[1,2]", "30[3]", "399[]");
    await expect(promise).resolves.toBe("yes");
    expect(log).toEqual(["connect", [1, 2]]);
  });

  test("[C43] a time limit gives an error first, and late answers are ignored", async () => {
    const socket = connected();
    socket.timeout(100).emit("a", (error: unknown, answer: unknown) => log.push([error, answer]));
    socket.timeout(100).emit("b", (error: unknown) => log.push([(error as RealtimeError).code]));
    const promise = socket.timeout(100).emitWithAck("c");
    void promise.catch(() => {});
    receive('30["in time"]');
    await clock.advance(100);
    receive('31["late"]');
    expect(log).toEqual(["connect", [null, "in time"], ["ack_timeout"]]);
    await expect(promise).rejects.toMatchObject({
      code: "ack_timeout",
      message: "operation has timed out",
    });
  });

  test("[C43] the option ackTimeout is a time limit for all", async () => {
    const socket = connected({ ackTimeout: 100 });
    socket.emit("a", (error: unknown) => log.push((error as RealtimeError).code));
    await clock.advance(100);
    expect(log).toEqual(["connect", "ack_timeout"]);
  });

  test("[C43] an event that waits is dropped when its ack times out", async () => {
    const socket = make();
    socket.timeout(100).emit("a", () => {});
    socket.emit("b");
    await clock.advance(100);
    welcome();
    expect(sent()).toEqual(["0", '2["b"]']);
  });

  test("[C43] a disconnect fails what was sent, and not what waits", async () => {
    const socket = connected();
    socket.emit("plain", () => log.push("never"));
    socket.timeout(60_000).emit("timed", (error: unknown) => log.push((error as RealtimeError).code));
    const promise = socket.emitWithAck("promised");
    socket.once("disconnect", () => socket.emit("later", () => log.push("answered")));
    lose();
    await expect(promise).rejects.toMatchObject({
      code: "disconnected",
      message: "socket has been disconnected",
    });
    expect(log).toEqual(["connect", "disconnect transport close", "disconnected"]);
    await clock.advance(500);
    welcome();
    receive("33[]");
    expect(log.at(-1)).toBe("answered");
  });

  test("[C43] a handler that failed over there rejects; a plain callback gets the raw answer", async () => {
    const socket = connected();
    const promise = socket.emitWithAck("a");
    socket.timeout(100).emit("b", (...args: unknown[]) => log.push(args));
    socket.emit("c", (...args: unknown[]) => log.push(args));
    const answer = '[{"$error":{"message":"boom","data":1}}]';
    receive(`30${answer}`, `31${answer}`, `32${answer}`);
    const failed = expect.objectContaining({ code: "handler_failed", message: "boom", data: 1 });
    await expect(promise).rejects.toEqual(failed);
    expect(log).toEqual(["connect", [failed], [{ $error: { message: "boom", data: 1 } }]]);
  });

  test("[C44] what a callback throws goes to onError", () => {
    const socket = connected();
    const failure = new Error("mine");
    socket.emit("a", () => {
      throw failure;
    });
    receive("30[]");
    expect(errors).toEqual([[failure, { stage: "ack", event: "a" }]]);
    expect(socket.connected).toBe(true);
  });
});

describe("retries", () => {
  test("[C48] one event at a time, repeated until it is acked", async () => {
    const socket = connected({ retries: 2, ackTimeout: 100 });
    socket.emit("a", (...args: unknown[]) => log.push(args));
    socket.emit("b");
    expect(sent()).toEqual(['20["a"]']);
    await clock.advance(100);
    expect(sent()).toEqual(['21["a"]']);
    receive('31["ok"]');
    expect(log).toEqual(["connect", [null, "ok"]]);
    expect(sent()).toEqual(['22["b"]']);
  });

  test("[C48] after retries + 1 times it fails, and the next one's turn comes", async () => {
    const socket = connected({ retries: 1, ackTimeout: 100 });
    socket.emit("a", (error: unknown) => log.push((error as RealtimeError).code));
    socket.emit("b");
    await clock.advance(200);
    expect(log).toEqual(["connect", "ack_timeout"]);
    expect(sent()).toEqual(['20["a"]', '21["a"]', '22["b"]']);
  });

  test("[C48] it is repeated at the next connection", async () => {
    const socket = connected({ retries: 5, ackTimeout: 10_000 });
    socket.emit("a");
    lose();
    await clock.advance(500);
    welcome();
    expect(sent()).toEqual(["0", '21["a"]']);
  });
});
