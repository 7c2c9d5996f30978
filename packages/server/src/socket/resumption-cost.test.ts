import { expect, test } from "vitest";
import { ResumptionWorld } from "../testing/resumption-world.ts";

const SOCKETS = 2_000;
const MAX_EXTRA_BYTES = 512;

/** What is alive: the least of several collections. */
async function measureHeap(): Promise<number> {
  const { gc } = globalThis;
  if (!gc) throw new Error("run with --expose-gc");
  let least = Infinity;
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

/** Heap of one socket, without its link; after some events in both directions, all confirmed, if it is `used`. */
async function bytesPerSocket(kind: "plain" | "agreed", used: boolean): Promise<number> {
  const world = new ResumptionWorld();
  const peers = await Promise.all(Array.from({ length: SOCKETS }, () => world.link()));
  const before = await measureHeap();
  peers.forEach((peer, index) => {
    const rs = { k: `${index}`.padStart(22, "k"), a: 1 };
    peer.receive(kind === "agreed" ? `40${JSON.stringify({ $x: { rs } })}` : "40");
  });
  if (used) {
    for (let number = 0; number < 10; number++) world.nsp.emit("event", number);
    for (const peer of peers) {
      peer.receive('42["event"]');
      if (kind === "agreed") for (const said of ['42["$","a",10]', '42["$","r"]']) peer.receive(said);
    }
  }
  for (const peer of peers) peer.takeSent();
  world.sockets.length = 0;
  const after = await measureHeap();
  expect(world.nsp.sockets.size).toBe(SOCKETS);
  return (after - before) / SOCKETS;
}

test("[U21] a socket that agreed costs at most half a kilobyte more than a plain one, idle and after use", async () => {
  for (const used of [false, true]) {
    await bytesPerSocket("agreed", used);
    const [plain, agreed] = [await bytesPerSocket("plain", used), await bytesPerSocket("agreed", used)];
    const extra = Math.round(agreed - plain);
    // oxlint-disable-next-line no-console -- the figure is worth seeing
    console.log(
      `${used ? "used" : "idle"}: plain ${Math.round(plain)} bytes, agreed ${Math.round(agreed)}: ${extra} more`,
    );
    expect(extra).toBeLessThan(MAX_EXTRA_BYTES);
  }
});

test("[U21] at 1 000 events a second control is less than a byte for each event", async () => {
  const world = new ResumptionWorld();
  const { one, socket } = await world.enter();
  one.frames = [];
  const events = 1_000;
  for (let number = 0; number < events; number++) {
    one.emit("event", number);
    socket.emit("event", number);
    if (number % 64 === 63) one.read().confirm();
    await world.clock.advance(1);
  }
  await world.clock.advance(1_000);
  one.read();
  const control = one.frames.filter((frame) => typeof frame === "string" && frame.startsWith('42["$"'));
  const bytes = control.reduce((sum, frame) => sum + frame.length, 0);
  // oxlint-disable-next-line no-console -- the figure is worth seeing
  console.log(`${control.length} control frames, ${(bytes / events).toFixed(2)} bytes for each event`);
  expect(one.received).toBe(events);
  expect(bytes).toBeLessThan(events);
  expect(control.at(-1)).toBe(`42["$","a",${events}]`);
});

/** Until the client has 1 000 events that it missed. */
async function replayMs(): Promise<number> {
  const world = new ResumptionWorld();
  const { one, socket } = await world.enter();
  one.cut();
  for (let number = 0; number < 1_000; number++) socket.emit("event", number, "x".repeat(100));
  const peer = await world.link();
  const before = performance.now();
  peer.receive(`40{"$x":{"rs":{"k":"${one.key}","a":2}}}`);
  const took = performance.now() - before;
  expect(peer.takeSent().length).toBe(1_001);
  return took;
}

// Of some times one, since other work delays any of them.
test("[U21] 1 000 missed events are there in less than 50 ms", async () => {
  let least = Infinity;
  for (let round = 0; round < 20 && least >= 50; round++) least = Math.min(least, await replayMs());
  expect(least).toBeLessThan(50);
});
