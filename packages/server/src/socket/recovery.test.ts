import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RecoveryClient, RecoveryWorld } from "../testing/recovery-world.ts";

let world: RecoveryWorld;
beforeEach(() => {
  world = new RecoveryWorld();
});
afterEach(() => expect(world.errors).toEqual([]));

function client(): Promise<RecoveryClient> {
  return new RecoveryClient(world).connect();
}

describe("the wire", () => {
  test("[R1] CONNECT carries a pid, and events a growing offset behind their arguments", async () => {
    const one = await client();
    world.nsp.emit("a", 1);
    world.socket(one.id ?? "").emit("b");
    expect(one.read().pid).not.toBe(one.id);
    const offsets = one.events.map((data) => data.at(-1));
    expect(one.events).toEqual([
      ["a", 1, offsets[0]],
      ["b", offsets[1]],
    ]);
    expect(offsets.every((offset) => typeof offset === "string")).toBe(true);
    expect(new Set(offsets).size).toBe(2);
  });

  test("[R1] what wants an answer has none, and is not sent again", async () => {
    const one = await client();
    world.socket(one.id ?? "").emit("ask", "text", () => {});
    expect(one.read().frames.at(-1)).toBe('420["ask","text"]');
    expect([one.offset, one.heard()]).toEqual([undefined, [["ask"]]]);
    one.loseLink();
    world.nsp.timeout(5).emit("ask all", () => {});
    await one.connect();
    expect([one.recovered, one.heard()]).toEqual([true, []]);
  });

  test("[R1] a volatile event has the offset of now behind it if it ends in a string, or as it is", async () => {
    const one = await client();
    world.nsp.emit("a");
    const { offset } = one.read();
    world.nsp.volatile.emit("v", "text");
    world.nsp.volatile.emit("v");
    world.socket(one.id ?? "").volatile.emit("v", "mine");
    world.nsp.volatile.emit("v", { x: 1 });
    expect(one.read().events.slice(1)).toEqual([
      ["v", "text", offset],
      ["v", offset],
      ["v", "mine", offset],
      ["v", { x: 1 }],
    ]);
    expect(one.offset).toBe(offset);
  });

  test("[R1] listeners of what goes out hear the offset too", async () => {
    const one = await client();
    const heard: unknown[] = [];
    world.socket(one.id ?? "").onAnyOutgoing((...args) => heard.push(args));
    world.nsp.emit("a", 1);
    world.socket(one.id ?? "").emit("b", 2);
    expect(heard).toEqual(one.read().events);
    expect(heard).toHaveLength(2);
  });
});

describe("coming back", () => {
  test("[R2] the socket has its id, rooms and data, and gets what it missed behind CONNECT, before anything new", async () => {
    const one = await client();
    const before = world.socket(one.id ?? "");
    before.join("room");
    before.data.name = "Ann";
    world.nsp.emit("seen");
    one.cut().heard();
    world.nsp.emit("all", 1);
    world.nsp.to("room").emit("room", 2);
    world.nsp.to("elsewhere").emit("not for it");
    world.nsp.except("room").emit("not for it");
    world.nsp.to(before.id).emit("own", 3);
    world.nsp.on("connection", (socket) => socket.emit("new", 4));
    await one.connect();
    const after = world.socket(before.id);
    expect([one.recovered, after.recovered, before.recovered]).toEqual([true, true, false]);
    expect([after === before, [...after.rooms], after.data]).toEqual([
      false,
      [before.id, "room"],
      { name: "Ann" },
    ]);
    expect(one.frames.findIndex((frame) => String(frame).startsWith("40"))).toBe(0);
    expect(one.heard()).toEqual([
      ["all", 1],
      ["room", 2],
      ["own", 3],
      ["new", 4],
    ]);
    world.nsp.to("room").emit("live", 5);
    expect(one.heard()).toEqual([["live", 5]]);
  });

  test("[R2] binary events come again with the bytes that they had", async () => {
    const one = await client();
    one.cut();
    const bytes = new Uint8Array([1, 2, 3]);
    world.nsp.emit("bytes", bytes);
    bytes.fill(0);
    await one.connect();
    expect(one.heard().map(([, data]) => [...(data as Uint8Array)])).toEqual([[1, 2, 3]]);
  });

  test("[R2] the sender of a broadcast does not get it again either", async () => {
    const [one, two] = [await client(), await client()];
    world.socket(one.id ?? "").broadcast.emit("hi");
    expect([one.heard(), two.heard()]).toEqual([[], [["hi"]]]);
    one.cut();
    await one.connect();
    expect([one.recovered, one.heard()]).toEqual([true, []]);
  });

  test("[R2] what the lost socket object emits reaches the client, before and after it comes back", async () => {
    const one = await client();
    const lost = world.socket(one.id ?? "");
    one.cut();
    lost.emit("late", 1);
    lost.volatile.emit("volatile");
    await one.connect();
    expect(one.heard()).toEqual([["late", 1]]);
    lost.emit("later", 2);
    expect(one.heard()).toEqual([["later", 2]]);
    one.cut();
    await one.connect();
    expect([one.recovered, one.heard()]).toEqual([true, []]);
  });

  test("[R3] a client that received nothing yet comes back, with what it missed since", async () => {
    world.nsp.emit("nobody is there");
    const one = await client();
    one.cut();
    world.nsp.emit("missed");
    await one.connect();
    expect([one.recovered, one.heard()]).toEqual([true, [["missed"]]]);
  });

  test("[R3] so does one that has an offset from elsewhere, and received nothing since", async () => {
    const one = new RecoveryClient(world);
    one.pid = "of another process";
    one.offset = "Q8FBSnl";
    await one.connect();
    expect([one.recovered, one.offset]).toEqual([false, "Q8FBSnl"]);
    one.cut();
    world.nsp.emit("missed");
    await one.connect();
    expect([one.recovered, one.heard()]).toEqual([true, [["missed"]]]);
  });

  test.each(["abcd", "", "id000001.", "id000001.zzz", "id000001.-1", "id000001.1 "])(
    "[R3] an offset that it cannot have, %j, is a new client",
    async (offset) => {
      const one = await client();
      world.nsp.emit("a");
      one.read();
      expect(one.offset).toBe("id000001.1");
      const { id } = one.cut();
      one.offset = offset;
      await one.connect();
      expect([one.recovered, one.id === id, one.heard()]).toEqual([false, false, [["a"]]]);
      expect(world.nsp.sockets.size).toBe(1);
    },
  );

  test("[R3] a pid that nobody has is a new client", async () => {
    const one = new RecoveryClient(world);
    one.pid = "x";
    await one.connect();
    expect([one.recovered, one.connected, one.pid === "x"]).toEqual([false, true, false]);
  });
});

describe("who may come back", () => {
  test("[R4] not who left on purpose, nor whom the server sent away", async () => {
    const [one, two] = [await client(), await client()];
    one.peer?.receive("41");
    world.socket(two.id ?? "").disconnect();
    for (const left of [one, two]) {
      left.cut();
      await left.connect();
      expect(left.recovered).toBe(false);
    }
    expect(world.recovery.size.away).toBe(0);
  });

  test("[R4] nor after a parse error; but after a ping timeout and a forced close", async () => {
    const one = await client();
    one.peer?.receive("9");
    one.loseLink();
    await one.connect();
    expect(one.recovered).toBe(false);
    one.loseLink();
    await world.clock.advance(46_000);
    expect(world.nsp.sockets.size).toBe(0);
    await one.connect();
    expect(one.recovered).toBe(true);
    one.peer?.receive('42["without an end"');
    one.loseLink();
    await one.connect();
    expect(one.recovered).toBe(true);
  });

  test("[R5] not who was away too long; the time counts from when the server noticed", async () => {
    const one = await client();
    world.nsp.emit("seen");
    one.loseLink();
    world.nsp.emit("missed");
    await world.clock.advance(45_100); // ping timeout
    await world.clock.advance(119_000);
    await one.connect();
    expect([one.recovered, one.heard()]).toEqual([true, [["seen"], ["missed"]]]);
    one.cut();
    await world.clock.advance(120_001);
    await one.connect();
    expect(one.recovered).toBe(false);
  });

  test("[R5] an idle client in a busy namespace may be idle for as long as it likes", async () => {
    const [one, other] = [await client(), await client()];
    world.socket(one.id ?? "").join("quiet");
    world.nsp.to("quiet").emit("hello");
    world.socket(other.id ?? "").join("busy");
    for (let minute = 0; minute < 60; minute++) {
      world.nsp.to("busy").emit("tick", minute);
      await world.clock.advance(25_000);
      for (const { peer } of [one, other]) peer?.receive("3");
      await world.clock.advance(35_000);
      for (const { peer } of [one, other]) peer?.receive("3");
    }
    // Into the void, and then away.
    const peer = one.loseLink();
    world.nsp.to("quiet").emit("missed", 1);
    peer?.drop();
    world.nsp.to("quiet").emit("missed", 2);
    await one.connect();
    expect([one.recovered, one.heard()]).toEqual([true, [["hello"], ["missed", 1], ["missed", 2]]]);
  });
});

describe("one owner", () => {
  test("[R6] a new connection takes a live socket over at once: reason, details, no ghost, nothing lost or doubled", async () => {
    const one = await client();
    const log: unknown[] = [];
    const old = world.socket(one.id ?? "");
    old.join("room");
    old.on("disconnecting", (reason) => log.push(["disconnecting", reason, [...old.rooms]]));
    old.on("disconnect", (reason, details) => {
      log.push(["disconnect", reason, String(details)]);
      world.nsp.emit("somebody left");
    });
    world.nsp.on(
      "connection",
      (socket) => void log.push(["connection", socket.recovered, [...socket.rooms]]),
    );
    world.nsp.emit("seen");
    const oldPeer = one.loseLink();
    world.nsp.to("room").emit("missed");
    await one.connect();
    const details =
      "RealtimeError [disconnected]: the client came back on another connection, which took over";
    expect(log).toEqual([
      ["disconnecting", "forced close", [old.id, "room"]],
      ["disconnect", "forced close", details],
      ["connection", true, [old.id, "room"]],
    ]);
    expect([one.recovered, one.id]).toEqual([true, old.id]);
    expect(one.heard()).toEqual([["seen"], ["missed"], ["somebody left"]]);
    expect([world.nsp.sockets.size, world.engine.size, oldPeer?.state]).toEqual([1, 1, "closed"]);
    expect(oldPeer?.takeSent().map(String).at(-1)).toBe("41");
    world.nsp.to("room").emit("live");
    expect(one.heard()).toEqual([["live"]]);
  });

  test("[R6] of two that name the same session the later is the owner", async () => {
    const first = await client();
    const second = new RecoveryClient(world);
    second.pid = first.pid;
    await second.connect();
    expect([second.recovered, second.id, first.read().connected]).toEqual([true, first.id, false]);
    expect(world.nsp.sockets.size).toBe(1);
    world.nsp.emit("once");
    expect([first.heard(), second.heard()]).toEqual([[], [["once"]]]);
  });

  test("[R6] a live socket is no ghost either when not everything that was missed is there", async () => {
    const one = await client();
    const { id } = one;
    one.loseLink();
    one.offset = "unknown";
    await one.connect();
    expect([one.recovered, one.id === id, world.nsp.sockets.size, world.engine.size]).toEqual([
      false,
      false,
      1,
      1,
    ]);
  });
});
