import { virtualClock } from "@bowline/protocol/testing";
import { beforeEach, expect, test } from "vitest";
import type { MemoryPeer } from "../testing/memory-host.ts";
import type { ResumptionClient } from "../testing/resumption-client.ts";
import { journalOf, ResumptionWorld } from "../testing/resumption-world.ts";
import type { ResumptionSettings } from "./resumption-options.ts";
import { ResumptionPool } from "./resumption-pool.ts";
import type { Socket } from "./socket.ts";

const KIB = 1024;
const MAX_BYTES = 64 * KIB;
/** An event of about that size is accounted with less than this besides. */
const OVERHEAD = 256;

let world: ResumptionWorld;

beforeEach(() => {
  world = new ResumptionWorld({ resumption: { maxBytes: MAX_BYTES } });
});

function emit(socket: Socket, count: number, bytes: number = KIB): void {
  for (let number = 0; number < count; number++) socket.emit("event", "x".repeat(bytes - OVERHEAD));
}

/** The peer reads no more: what is sent is counted as waiting, from there on. */
function stall(one: ResumptionClient, waiting = 0): { peer: MemoryPeer; read(): void } {
  const { peer } = one;
  if (!peer) throw new Error("no link");
  const send = peer.send.bind(peer);
  peer.bufferedAmount = waiting;
  peer.send = (frame, options) => {
    peer.bufferedAmount += frame.length;
    send(frame, options);
  };
  const read = (): void => {
    peer.send = send;
    peer.bufferedAmount = 0;
    peer.listener?.drain();
  };
  return { peer, read };
}

test("[U14] past half the bound the server asks once, and again at the next crossing", async () => {
  const { one, socket } = await world.enter();
  emit(socket, 40);
  expect(one.told()).toEqual([["r"]]);
  one.confirm();
  emit(socket, 20);
  expect(one.told()).toEqual([]);
  emit(socket, 20);
  expect(one.told()).toEqual([["r"]]);
});

test("[U14] over the bound the oldest are forgotten and nothing is lost; who comes back from before that has one gap", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  emit(socket, 100);
  expect(world.pool?.bytes).toBeLessThanOrEqual(MAX_BYTES);
  one.cut();
  expect(one.received).toBe(100);
  await one.connect({ n: 10 });
  expect(one.reply?.gap).toEqual({ from: 11, to: 100, why: "trimmed" });
  expect(one.events.length).toBe(100); // nothing is sent again
  socket.emit("next");
  expect(one.read().received).toBe(101);
  expect(journal).toEqual(["suspend: transport close", "gap 11-100: trimmed", "resume, gap to 100"]);
  one.confirm();
  expect(socket.resumption?.unconfirmed).toBe(0);
});

test("[U14] who comes back from where everything is kept has no gap", async () => {
  const { one, socket } = await world.enter();
  emit(socket, 100);
  one.cut(91);
  const { received } = one;
  one.events = [];
  await one.connect();
  expect(one.reply?.gap).toBeUndefined();
  expect([received, one.received, one.events.length]).toEqual([90, 100, 10]);
});

test("[U14] the number of events is bounded as well", async () => {
  world = new ResumptionWorld({ resumption: { maxEvents: 10 } });
  const { one, socket } = await world.enter();
  for (let number = 0; number < 20; number++) socket.emit("e");
  one.cut();
  await one.connect({ n: 5 });
  expect(one.reply?.gap).toEqual({ from: 6, to: 20, why: "trimmed" });
});

test("[U15] over the bound while the client is away everything is dropped at once, and there is one gap", async () => {
  const { one, socket } = await world.enter();
  emit(socket, 3);
  one.cut();
  emit(socket, 63);
  expect(world.pool?.bytes).toBeGreaterThan(0);
  emit(socket, 10);
  expect(world.pool?.bytes).toBe(0);
  emit(socket, 10);
  expect([world.pool?.bytes, socket.resumption?.unconfirmed]).toEqual([0, 86]);
  one.events = [];
  await one.connect();
  expect(one.reply?.gap).toEqual({ from: 4, to: 86, why: "overflow" });
  expect(one.heard()).toEqual([]);
  socket.emit("next");
  one.cut();
  await one.connect({ n: 86 });
  expect(one.reply).toEqual({ w: 120_000, h: 0, ok: true });
  expect(one.heard().at(-1)).toEqual(["next"]);
});

test("[U16] to a peer that does not read no more than the bound is kept; then the counts go on, and one gap is told", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  const { peer, read } = stall(one);
  for (let round = 0; round < 200; round++) {
    emit(socket, 1);
    expect(peer.bufferedAmount + (world.pool?.bytes ?? 0)).toBeLessThanOrEqual(MAX_BYTES + 2 * KIB);
  }
  one.read();
  const arrived = one.received;
  expect(arrived).toBeLessThan(100);
  expect(socket.resumption?.unconfirmed).toBe(200);
  read();
  socket.emit("next");
  one.read();
  expect(one.control.at(-1)).toEqual(["g", { from: arrived + 1, to: 200, why: "overflow" }]);
  expect(one.received).toBe(201);
  expect(journal).toEqual([`gap ${arrived + 1}-200: overflow`]);
  one.confirm();
  expect([socket.resumption?.unconfirmed, world.pool?.bytes]).toEqual([0, 0]);
});

test("[U16] what waits only for the end of the turn is not taken for a peer that does not read", async () => {
  const { one, socket } = await world.enter();
  const { peer } = stall(one);
  let flushes = 0;
  Object.assign(peer, {
    flush: () => {
      flushes++;
      peer.bufferedAmount = 0;
    },
  });
  emit(socket, 500);
  expect(flushes).toBeLessThan(25);
  expect(one.heard().length).toBe(500);
  expect(one.told().filter(([what]) => what === "g")).toEqual([]);
});

test("[U16] nobody looks at what waits before half the bound is unconfirmed", async () => {
  const { one, socket } = await world.enter();
  let looks = 0;
  Object.defineProperty(one.peer, "bufferedAmount", { get: () => (looks++, 0) });
  emit(socket, 20);
  expect(looks).toBe(0);
  emit(socket, 20);
  expect(looks).toBeGreaterThan(0);
});

test("[U16] the link of a peer that does not read breaks: one gap, when it comes back", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  stall(one);
  emit(socket, 200);
  one.cut(0);
  expect(world.pool?.bytes).toBe(0);
  emit(socket, 5);
  await one.connect();
  expect(one.reply?.gap).toEqual({ from: 1, to: 205, why: "overflow" });
  socket.emit("next");
  expect(one.heard()).toEqual([["next"]]);
  expect(journal).toEqual(["suspend: transport close", "gap 1-205: overflow", "resume, gap to 205"]);
});

test("[U16] a peer that stopped reading and lost nothing yet goes on without a gap", async () => {
  const { one, socket } = await world.enter();
  const { read } = stall(one, MAX_BYTES + 1);
  emit(socket, 34); // the last one passes half the bound
  one.emit("$", "r");
  read();
  socket.emit("next");
  one.read();
  expect(one.control).toEqual([["r"], ["a", 0]]);
  expect(one.received).toBe(35);
});

test("[U16] the link breaks before the gap arrives that was told: it is told again, with all that came since", async () => {
  const { one, socket } = await world.enter();
  const { read } = stall(one, MAX_BYTES + 1);
  one.emit("$", "r"); // from the first event on nothing leaves
  emit(socket, 5);
  read();
  one.cut(0);
  socket.emit("next");
  await one.connect();
  expect(one.reply?.gap).toEqual({ from: 1, to: 6, why: "trimmed" });
  const again = stall(one, MAX_BYTES + 1);
  one.emit("$", "r");
  emit(socket, 2);
  again.read();
  one.read();
  expect(one.control.at(-1)).toEqual(["g", { from: 7, to: 8, why: "overflow" }]);
});

test("[U16] answers to a peer that does not read wait, and leave when it reads; what was too much is told as lost", async () => {
  const { one, socket } = await world.enter();
  socket.on("ask", (reply) => reply("x".repeat(KIB)));
  const { peer, read } = stall(one);
  for (let id = 0; id < 1_000; id++) one.ask(id, "ask");
  expect(peer.bufferedAmount).toBeLessThan(2 * MAX_BYTES + 64 * KIB);
  one.read();
  const answered = one.answers.length;
  read();
  one.read();
  const lost = one.control.find(([what]) => what === "l")?.[1] as number[];
  expect(new Set([...one.answers.map(({ id }) => id), ...lost]).size).toBe(1_000);
  expect(one.answers.length).toBeGreaterThan(answered);
});

test("[U16] a disconnect tells of the gap before", async () => {
  const { one, socket } = await world.enter();
  stall(one);
  emit(socket, 200);
  socket.disconnect();
  one.read();
  expect(one.control.slice(-2).map(([what]) => what)).toEqual(["g", "a"]);
  expect([one.received, one.disconnects]).toEqual([200, 1]);
});

test("[U17] over the bound for all, those that wait longest lose what is kept for them; others are not touched", async () => {
  world = new ResumptionWorld({ resumption: { maxTotalBytes: MAX_BYTES } });
  const [first, second, third] = await Promise.all(
    ["1", "2", "3"].map((letter) => world.enter(world.client(letter.repeat(22)))),
  );
  if (!first || !second || !third) throw new Error("three");
  second.one.cut();
  first.one.cut();
  emit(first.socket, 25);
  emit(second.socket, 25);
  emit(third.socket, 25);
  expect(world.pool?.bytes).toBeLessThanOrEqual(MAX_BYTES);
  await second.one.connect();
  await first.one.connect();
  expect(second.one.reply?.gap).toEqual({ from: 1, to: 25, why: "overflow" });
  expect(first.one.reply?.gap).toBeUndefined();
  expect(first.one.heard().length).toBe(25);
  expect(third.one.heard().length).toBe(25);
});

test("[U17] where nobody is away the one that grows forgets its own", async () => {
  world = new ResumptionWorld({ resumption: { maxTotalBytes: MAX_BYTES } });
  const { one, socket } = await world.enter();
  emit(socket, 100);
  expect(world.pool?.bytes).toBeLessThanOrEqual(MAX_BYTES);
  one.cut();
  await one.connect({ n: 5 });
  expect(one.reply?.gap).toEqual({ from: 6, to: 100, why: "trimmed" });
});

test("[U17] more sockets wait than may: the one that waits longest ends", async () => {
  world = new ResumptionWorld({ resumption: { maxSuspended: 2 } });
  const all = await Promise.all(
    ["1", "2", "3"].map((letter) => world.enter(world.client(letter.repeat(22)))),
  );
  const journals = all.map(({ socket }) => journalOf(socket));
  for (const { one } of all) one.cut();
  expect(journals).toEqual([
    ["suspend: transport close", "disconnect: transport close"],
    ["suspend: transport close"],
    ["suspend: transport close"],
  ]);
  expect(world.pool?.suspended).toBe(2);
});

test("[U17] what was dropped had arrived, only the confirmation had not: there is no gap, and what comes next leaves", async () => {
  world = new ResumptionWorld({ resumption: { maxTotalBytes: MAX_BYTES } });
  const { one, socket } = await world.enter();
  const other = await world.enter(world.client("o".repeat(22)));
  emit(socket, 5);
  one.cut();
  emit(other.socket, 100);
  await one.connect();
  expect([one.received, one.reply?.gap]).toEqual([5, undefined]);
  socket.emit("next");
  expect(one.heard().at(-1)).toEqual(["next"]);
});

test("[U17] where nothing is kept for those who wait they are not asked with every event that is sent to others", () => {
  const settings = { windowMs: 1, maxTotalBytes: 100, maxSuspended: 10 } as ResumptionSettings;
  const pool = new ResumptionPool(settings, virtualClock());
  let asked = 0;
  const pooled = { _expire() {}, _shed: () => void asked++, _tellCount() {} };
  pool.wait(pooled);
  pool.grew(101);
  for (let times = 0; times < 10; times++) expect(pool.relieve()).toBe(1);
  expect(asked).toBe(1);
  pool.keeps();
  pool.relieve();
  pool.wait({ ...pooled });
  pool.relieve();
  expect(asked).toBe(4);
});

test("[U17] who hears of the one that ends may disconnect the one that it makes room for, which is not suspended then", async () => {
  world = new ResumptionWorld({ resumption: { maxSuspended: 1 } });
  const [first, second] = await Promise.all(
    ["1", "2"].map((letter) => world.enter(world.client(letter.repeat(22)))),
  );
  if (!first || !second) throw new Error("two");
  first.socket.on("disconnect", () => void second.socket.disconnect());
  const journal = journalOf(second.socket);
  first.one.cut();
  second.one.cut();
  expect(journal).toEqual(["disconnect: server namespace disconnect"]);
  await second.one.connect();
  expect(second.one.disconnects).toBe(1);
});
