import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { acceptSocket } from "../testing/fake-env.ts";
import { type SocketHarness, socketHarness } from "../testing/socket-harness.ts";

let clock: VirtualClock;
let world: SocketHarness;

beforeEach(() => {
  clock = virtualClock();
  world = socketHarness(clock);
});

describe("listeners", () => {
  test("[C63] a socket has the emitter's methods, and `this` is the socket", () => {
    const socket = world.connected();
    const selves: unknown[] = [];
    const listener = function (this: unknown): void {
      selves.push(this);
    };
    socket.addEventListener("a", listener).on("b", listener).on("c", listener).on("d", listener);
    socket.once("a", listener).onAny(listener).onAnyOutgoing(listener);
    world.receive('2["a"]', '2["a"]');
    socket.emit("x", listener);
    world.receive("30[]");
    expect(selves).toEqual(Array.from({ length: 7 }, () => socket));
    socket.removeEventListener("b", listener).removeListener("c", listener).removeAllListeners("d");
    expect(["a", "b", "c", "d"].map((name) => socket.hasListeners(name))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    socket.removeAllListeners();
    expect([socket.listeners("a"), socket.hasListeners("connect")]).toEqual([[], false]);
  });

  test("[C63] listeners run in the order of adding, catch-all ones first", () => {
    const socket = world.connected();
    for (const name of ["first", "second"]) socket.on("a", () => world.log.push(name));
    socket.once("a", () => world.log.push("once"));
    socket.on("a", () => world.log.push("last"));
    world.receive('2["a"]', '2["a"]');
    const each = ["first", "second", "once", "last"];
    expect(world.log.slice(1)).toEqual([...each, ...each.filter((name) => name !== "once")]);
  });
});

describe("buffers", () => {
  test("[C67] sendBuffer is what waits; assigning a part of it drops the rest", () => {
    const socket = world.make();
    for (const name of ["a", "b", "c"]) socket.emit(name, 1);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ]);
    socket.sendBuffer = socket.sendBuffer.filter(({ data }) => data[0] !== "b");
    world.welcome();
    expect(world.sent()).toEqual(["0", '2["a",1]', '2["c",1]']);
    world.lose();
    socket.emit("late");
    socket.sendBuffer = [];
    expect(socket.sendBuffer).toEqual([]);
  });

  test("[C67] receiveBuffer is what came before the answer", () => {
    const socket = world.make();
    acceptSocket(world.env);
    world.receive('2["early",1]');
    expect(socket.receiveBuffer).toEqual([["early", 1]]);
    world.receive('0{"sid":"x"}');
    expect(socket.receiveBuffer).toEqual([]);
  });
});

describe("a message over the server's limit", () => {
  const tooLarge = expect.objectContaining({
    code: "payload_too_large",
    message: expect.stringMatching(/maxHttpBufferSize is 20/),
  });

  function joined(): ReturnType<SocketHarness["make"]> {
    const socket = world.make();
    acceptSocket(world.env, { maxPayload: 20 });
    world.receive('0{"sid":"x"}');
    world.sent();
    return socket;
  }

  test("[C68] is refused at emit, and the connection lives", () => {
    const socket = joined();
    expect(() => socket.emit("a", "01234567892345")).toThrow(tooLarge);
    expect(() => socket.emit("a", "\u20ac\u20ac\u20ac\u20ac\u20ac")).toThrow(tooLarge);
    expect(() => socket.emit("bytes", new Uint8Array(21))).toThrow(tooLarge);
    socket.emit("a", "0123456789");
    expect(world.sent()).toEqual(['2["a","0123456789"]']);
    expect(socket.connected).toBe(true);
  });

  test("[C68] that waited fails its ack, else it is reported, and what follows is sent", () => {
    const socket = world.make();
    const long = "01234567892345";
    socket.timeout(1000).emit("a", long, (error: unknown) => world.log.push(error));
    socket.emit("b", long);
    socket.emit("c");
    acceptSocket(world.env, { maxPayload: 20 });
    world.receive('0{"sid":"x"}');
    expect(world.log).toEqual([tooLarge, "connect"]);
    expect(world.errors).toEqual([[tooLarge, { stage: "ack", event: "b" }]]);
    expect(world.sent()).toEqual(["0", '2["c"]']);
  });
});

test("[C42] compress() changes nothing, and goes with the other conditions", () => {
  const socket = world.connected();
  socket.compress(false).emit("a");
  socket.volatile.compress(true).timeout(5).emit("b");
  expect(world.sent()).toEqual(['2["a"]', '2["b"]']);
});
