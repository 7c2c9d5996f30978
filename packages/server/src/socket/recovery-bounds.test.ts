import { afterEach, expect, test, vi } from "vitest";
import { RecoveryClient, RecoveryWorld } from "../testing/recovery-world.ts";
import { RecoveryLog } from "./recovery-log.ts";
import type { ConnectionStateRecoveryOptions } from "./recovery-options.ts";

let world: RecoveryWorld;
afterEach(() => {
  vi.restoreAllMocks();
  expect(world.errors).toEqual([]);
});

function make(options: ConnectionStateRecoveryOptions | boolean): void {
  world = new RecoveryWorld(options);
}

function client(): Promise<RecoveryClient> {
  return new RecoveryClient(world).connect();
}

test("[R8] nothing is kept while nobody could miss it, and no timer runs", async () => {
  make(true);
  world.nsp.emit("a");
  expect(world.recovery.size).toEqual({ events: 0, bytes: 0, away: 0 });
  const one = await client();
  world.nsp.to("nobody").emit("a");
  expect(world.recovery.size.events).toBe(0);
  world.nsp.emit("a");
  expect(world.recovery.size.events).toBe(1);
  one.peer?.receive("41");
  expect(world.recovery.size).toEqual({ events: 0, bytes: 0, away: 0 });
  one.cut();
  expect(world.clock.pending).toBe(0);
});

test("[R8] when the last one is away too long, all is dropped and the timer stops", async () => {
  make(true);
  const one = await client();
  world.nsp.emit("a");
  one.cut();
  world.nsp.emit("b");
  expect(world.recovery.size).toMatchObject({ events: 2, away: 1 });
  await world.clock.advance(136_000);
  expect(world.recovery.size).toEqual({ events: 0, bytes: 0, away: 0 });
  expect(world.clock.pending).toBe(0);
});

test.each<[string, ConnectionStateRecoveryOptions, number]>([
  ["maxLogEvents", { maxLogEvents: 10 }, 10],
  ["maxLogBytes", { maxLogBytes: 10 * 1_050 }, 10],
])("[R8] %s bounds the log", async (_name, options, most) => {
  make(options);
  await client();
  for (let event = 0; event < 5_000; event++) world.nsp.emit("a", "x".repeat(500));
  const { events, bytes } = world.recovery.size;
  expect(events).toBeLessThanOrEqual(most);
  expect(events).toBeGreaterThan(most / 2);
  expect(bytes).toBeLessThanOrEqual(options.maxLogBytes ?? most * 1_100);
});

test("[R8] an event larger than the log is sent, and not kept", async () => {
  make({ maxLogBytes: 1_000 });
  const one = await client();
  world.nsp.emit("a", "x".repeat(2_000));
  expect([one.heard().length, world.recovery.size.events]).toEqual([1, 0]);
  await one.cut().connect();
  expect(one.recovered).toBe(true);
  one.loseLink();
  world.nsp.emit("a", "x".repeat(2_000));
  await one.connect();
  expect(one.recovered).toBe(false);
});

test("[R8] no more sessions than maxSessions wait; who is away longest is given up", async () => {
  make({ maxSessions: 2 });
  const all = [await client(), await client(), await client()];
  for (const one of all) one.cut();
  expect(world.recovery.size.away).toBe(2);
  for (const one of all) await one.connect();
  expect(all.map((one) => one.recovered)).toEqual([false, true, true]);
});

test("[R9] what was missed comes whole or not at all: when a part of it was dropped, the client is a new one", async () => {
  make({ maxLogEvents: 3 });
  const one = await client();
  const { id } = one.cut();
  for (let event = 1; event <= 3; event++) world.nsp.emit("a", event);
  await one.connect();
  expect([one.recovered, one.heard()]).toEqual([
    true,
    [
      ["a", 1],
      ["a", 2],
      ["a", 3],
    ],
  ]);
  one.cut();
  for (let event = 1; event <= 4; event++) world.nsp.emit("a", event);
  expect(world.recovery.size).toEqual({ events: 0, bytes: 0, away: 0 }); // known at once
  await one.connect();
  expect([one.recovered, one.id === id, one.heard()]).toEqual([false, false, []]);
});

test("[R9] what was dropped and was not for it is no loss, whether it went before or after it was lost", async () => {
  make({ maxLogEvents: 3 });
  const [one, other] = [await client(), await client()];
  world.socket(other.id ?? "").join("other");
  const flood = (): void => {
    for (let event = 0; event < 10; event++) world.nsp.to("other").emit("flood");
  };
  flood();
  world.socket(one.id ?? "").emit("a", 1);
  flood();
  expect(one.heard()).toEqual([["a", 1]]);
  const peer = one.loseLink();
  flood();
  world.socket(one.id ?? "").emit("a", 2); // into the void
  peer?.drop();
  world
    .socket(other.id ?? "")
    .except("other")
    .emit("a", 3);
  await one.connect();
  expect([one.recovered, one.heard()]).toEqual([
    true,
    [
      ["a", 2],
      ["a", 3],
    ],
  ]);
  one.cut();
  flood();
  await one.connect();
  expect([one.recovered, one.heard()]).toEqual([true, []]);
});

test("[R9] an event that went into a dead link and was dropped is a loss", async () => {
  make({ maxLogEvents: 3 });
  const [one, other] = [await client(), await client()];
  world.socket(other.id ?? "").join("other");
  world.nsp.emit("seen");
  one.read();
  const peer = one.loseLink();
  world.socket(one.id ?? "").emit("void");
  for (let event = 0; event < 10; event++) world.nsp.to("other").emit("flood");
  peer?.drop();
  await one.connect();
  expect(one.recovered).toBe(false);
});

test("[R10] rooms are those of the time of the event, not those of the end", async () => {
  make(true);
  const one = await client();
  const socket = world.socket(one.id ?? "");
  one.read();
  const peer = one.loseLink();
  world.nsp.to("room").emit("before it joined");
  socket.join("room");
  world.nsp.to("room").emit("inside", 1);
  world.nsp.except("room").emit("for others");
  socket.leave("room");
  world.nsp.to("room").emit("after it left");
  socket.leave(socket.id);
  world.nsp.to(socket.id).emit("after it left its own");
  socket.emit("to itself", 2);
  peer?.drop();
  await one.connect();
  expect([one.recovered, one.heard()]).toEqual([
    true,
    [
      ["inside", 1],
      ["to itself", 2],
    ],
  ]);
});

test("[R10] so many changes of rooms that they are not remembered are a loss only for what they concern", async () => {
  make(true);
  const one = await client();
  const socket = world.socket(one.id ?? "");
  world.nsp.emit("seen");
  one.read();
  for (let change = 0; change < 5_000; change++) socket.join(`room ${change}`);
  await one.cut().connect();
  expect(one.recovered).toBe(true);
  const again = world.socket(one.id ?? "");
  const peer = one.loseLink();
  world.nsp.emit("void");
  for (let change = 0; change < 5_000; change++) again.leave(`room ${change}`);
  peer?.drop();
  await one.connect();
  expect(one.recovered).toBe(false);
});

test("[R9] an event that another's encoding emits has its own place", async () => {
  make(true);
  const one = await client();
  let isFirst = true;
  const nested = {
    toJSON(): string {
      if (isFirst) {
        isFirst = false;
        world.nsp.emit("inner");
      }
      return "outer";
    },
  };
  world.nsp.emit("outer", nested);
  await one.cut().connect();
  expect([one.recovered, one.heard()]).toEqual([true, [["inner"], ["outer", "outer"]]]);
  const endless = { toJSON: (): unknown => world.nsp.emit("inner") };
  expect(() => world.nsp.emit("outer", endless)).toThrow("emits others while it is encoded");
});

test("[R11] without the option there is no pid, no offset, no session, and no timer", async () => {
  make(false);
  const one = await client();
  world.nsp.emit("a", "text");
  world.socket(one.id ?? "").emit("b");
  one.read();
  expect(one.frames).toEqual([`40{"sid":"${one.id}"}`, '42["a","text"]', '42["b"]']);
  expect([world.nsp._sessions, world.sockets[0]?.recovered]).toEqual([undefined, false]);
  one.pid = "whatever";
  await one.cut().connect();
  expect([one.recovered, one.pid]).toEqual([false, undefined]);
  one.cut();
  expect(world.clock.pending).toBe(0);
});

test("[R8] X8 a return looks at what was emitted since, however much there is", async () => {
  make(true);
  const [one, other] = [await client(), await client()];
  world.socket(other.id ?? "").join("other");
  const flood = (): void => {
    for (let event = 0; event < 20_000; event++) world.nsp.to("other").emit("flood");
  };
  flood();
  world.nsp.emit("seen");
  flood(); // not for it, and sent before it was lost
  one.heard();
  one.cut();
  for (let event = 0; event < 5; event++) world.nsp.emit("missed", event);
  expect(world.recovery.size.events).toBe(40_006);
  let looks = 0;
  const { eachAfter } = RecoveryLog.prototype;
  vi.spyOn(RecoveryLog.prototype, "eachAfter").mockImplementation(function (
    this: RecoveryLog,
    number,
    visit,
  ) {
    eachAfter.call(this, number, (at, entry) => {
      looks++;
      visit(at, entry);
    });
  });
  await one.connect();
  expect([one.recovered, one.heard().length, looks]).toEqual([true, 5, 5]);
});
