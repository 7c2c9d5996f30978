import { Server } from "@bowline/server";
import { MemoryHost } from "@bowline/server/testing";
import { afterEach, expect, test } from "vitest";

const BROADCASTS = 200_000;
const TEXT = "x".repeat(500);
const MIB = 1024 * 1024;

let io: Server;
afterEach(() => io.close());

function heap(): number {
  if (!globalThis.gc) throw new Error("run with --expose-gc");
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function broadcast(room?: string): void {
  const to = room === undefined ? io : io.to(room);
  // An object, so that each text is a string of its own.
  for (let number = 0; number < BROADCASTS; number++) to.emit("n", { number, TEXT });
}

function kept(): { readonly events: number; readonly bytes: number; readonly away: number } {
  const sessions = io.sockets._sessions as unknown as { size: ReturnType<typeof kept> };
  return sessions.size;
}

async function enter(host: MemoryHost): ReturnType<MemoryHost["connect"]> {
  const peer = await host.connect();
  const connected = new Promise((resolve) => io.once("connection", resolve));
  peer.receive("40");
  await connected;
  return peer;
}

test("[R8] X8 200 000 broadcasts of 0.5 KB with nobody connected: nothing is kept", () => {
  io = new Server({ connectionStateRecovery: true });
  const before = heap();
  broadcast();
  expect(kept()).toEqual({ events: 0, bytes: 0, away: 0 });
  expect(heap() - before).toBeLessThan(4 * MIB);
});

test("[R8] X8 with one client away: bounded; when the bound is passed it cannot go on, and nothing is kept", async () => {
  const host = new MemoryHost();
  io = new Server({ connectionStateRecovery: true });
  io.attach(host);
  (await enter(host)).drop();
  const before = heap();
  io.emit("n", { TEXT });
  expect(kept()).toMatchObject({ events: 1, away: 1 });
  broadcast();
  expect(kept()).toEqual({ events: 0, bytes: 0, away: 0 });
  expect(heap() - before).toBeLessThan(4 * MIB);
});

test("[R8] X8 with somebody there who might be lost any moment: bounded in bytes, in account and on the heap", async () => {
  const host = new MemoryHost();
  io = new Server({ connectionStateRecovery: { maxLogBytes: 8 * MIB } });
  io.attach(host);
  const peer = await enter(host);
  const before = heap();
  for (let tenth = 0; tenth < 10; tenth++) {
    for (let number = 0; number < BROADCASTS / 10; number++) io.emit("n", { number, TEXT });
    peer.takeSent();
  }
  const { bytes, events } = kept();
  expect(bytes).toBeLessThanOrEqual(8 * MIB);
  expect(bytes).toBeGreaterThan(7 * MIB);
  const grown = heap() - before;
  console.log(`${events} events kept, ${bytes} bytes accounted, ${grown} bytes of heap`);
  expect(grown).toBeLessThan(1.5 * 8 * MIB);
});
