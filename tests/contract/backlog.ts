import { connect } from "node:net";
import { Server, type ServerOptions, type Socket } from "@bowline/server";
import { clientFrame, type HostUnderTest, upgradeRequest } from "@bowline/server/testing";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { RawSse } from "./raw-sse.ts";

const KIB = 1024;
const MAX_BYTES = 1024 * KIB;
const TOLERANCE = 1.1;
const STALLED_CLIENTS = 32;
const EVENT_BYTES = 16 * KIB;
/** Far more than the kernel takes for a peer that does not read. */
const EVENTS_PER_CLIENT = 1_024;
const READERS = 100;
/** Of some 100 bytes each; less than their bound, and each may cost a KiB at most. */
const SMALL_EVENTS = 2_000;
const BURST_EVENTS = 5_000;
const SSE_PATH = "/socket.io/?EIO=4&transport=sse";
const PATH = "/socket.io/?EIO=4&transport=websocket";

type Control = readonly ["$", string, unknown];
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

type Way = "websocket" | "sse";

export function backlogTests(host: HostUnderTest): void {
  for (const way of ["websocket", "sse"] as const) backlogTestsOver(way, host);
}

function backlogTestsOver(way: Way, host: HostUnderTest): void {
  const name = `${host.name}, ${way}`;
  const listen = async (options: ServerOptions = {}): Promise<{ io: Server; port: number }> => {
    const io = new Server(options);
    return { io, port: await host.listen((attached) => io.attach(attached)) };
  };

  test(`[U16] ${name}: clients that do not read cost their bound and no more`, async () => {
    const { io, port } = await listen({ pingInterval: 600_000 });
    const sockets: Socket[] = [];
    io.on("connection", (socket) => void sockets.push(socket));
    const stall = way === "sse" ? connectStalledSse : connectStalled;
    const clients = Array.from({ length: STALLED_CLIENTS }, (_, index) => stall(port, index));
    await expect.poll(() => sockets.length).toBe(STALLED_CLIENTS);
    const before = await measureMemory();
    for (let round = 0; round < EVENTS_PER_CLIENT; round += 8) {
      for (const socket of sockets) {
        for (let number = round; number < round + 8; number++) {
          // No two the same: hosts share the bytes of those.
          const text = `${socket.id}${number}`;
          socket.emit("event", text.repeat(EVENT_BYTES / text.length));
        }
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const grown = (await measureMemory()) - before;
    const perClient = Math.round(grown / STALLED_CLIENTS / KIB);
    console.log(`${name}: ${perClient} KiB for each client that does not read, of ${MAX_BYTES / KIB}`);
    expect(sockets.every((socket) => socket.resumption?.unconfirmed === EVENTS_PER_CLIENT)).toBe(true);
    expect(perClient * KIB).toBeLessThan(MAX_BYTES * TOLERANCE);
    for (const client of clients) client.destroy();
    await io.close();
  });

  if (way === "websocket") {
    test(`[U16] ${name}: what waits for one holds no memory that others had`, async () => {
      const { io, port } = await listen({ pingInterval: 600_000 });
      const sockets: Socket[] = [];
      io.on("connection", (socket) => void sockets.push(socket));
      const clients = [connectStalled(port, 0)];
      await expect.poll(() => sockets.length).toBe(1);
      const [stalled] = sockets as [Socket];
      for (let index = 1; index <= READERS; index++) clients.push(connectReader(port));
      await expect.poll(() => sockets.length).toBe(1 + READERS);
      // Until the kernel takes no more for it.
      while (!stalled.resumption?.unconfirmed || stalled.conn.transport.bufferedAmount < 16 * EVENT_BYTES) {
        stalled.emit("event", "x".repeat(EVENT_BYTES));
        await new Promise((resolve) => setImmediate(resolve));
      }
      const before = await measureMemory();
      for (let round = 0; round < SMALL_EVENTS; round++) {
        for (const socket of sockets) socket.emit("event", `${round} for ${socket.id} ${"y".repeat(60)}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const grown = Math.round(((await measureMemory()) - before) / KIB);
      console.log(`${name}: ${SMALL_EVENTS} small events for one that does not read cost ${grown} KiB`);
      expect(stalled.conn.transport.bufferedAmount).toBeGreaterThan(SMALL_EVENTS * 60);
      expect(grown).toBeLessThan(SMALL_EVENTS);
      for (const client of clients) client.destroy();
      await io.close();
    });
  }

  for (const inOneTurn of [true, false]) {
    const how = inOneTurn ? "in one turn" : "in turns of 100 events";
    test(`[U16] ${name}: 5 MB ${how} to a client that reads arrive, but for what is told`, async () => {
      const { io, port } = await listen();
      const { received, gaps, first } = await (way === "sse" ? burstSse : burst)(io, port, inOneTurn);
      const lost = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      console.log(`${name}, ${how}: ${received} of ${BURST_EVENTS} events, ${lost} told as lost`);
      expect(received + lost).toBe(BURST_EVENTS);
      if (gaps[0]) expect(gaps).toEqual([{ from: first + 1, to: BURST_EVENTS, why: "overflow" }]);
      if (!inOneTurn) expect(lost).toBe(0);
      await io.close();
    });
  }
}

/** A peer that agrees, and then reads no more. Reads into a buffer of its own, so that nothing of what comes is kept at this end. */
function connectStalled(port: number, index: number): ReturnType<typeof connect> {
  const rs = { k: `${index}`.padStart(22, "k"), a: 1 };
  const callback = (): boolean => {
    socket.write(clientFrame({ opcode: 1, payload: `40${JSON.stringify({ $x: { rs } })}` }));
    return false;
  };
  const onread = { buffer: Buffer.alloc(4096), callback };
  const socket = connect({ port, host: "127.0.0.1", onread });
  socket.on("error", () => {});
  socket.write(upgradeRequest(PATH));
  return socket;
}

/** A plain client that takes everything. */
function connectReader(port: number): ReturnType<typeof connect> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(upgradeRequest(PATH));
  socket.once("data", () => socket.resume().write(clientFrame({ opcode: 1, payload: "40" })));
  return socket;
}

/** The same over server-sent events. */
function connectStalledSse(port: number, index: number): ReturnType<typeof connect> {
  const rs = { k: `${index}`.padStart(22, "k"), a: 1 };
  let got = "";
  const callback = (length: number, bytes: Uint8Array): boolean => {
    got += Buffer.from(bytes.subarray(0, length)).toString();
    const sid = /"sid":"([^"]+)"/.exec(got)?.[1];
    if (sid === undefined) return true;
    const body = `40${JSON.stringify({ $x: { rs } })}`;
    void fetch(`http://127.0.0.1:${port}${SSE_PATH}&sid=${sid}&seq=1`, { method: "POST", body });
    return false;
  };
  const onread = { buffer: Buffer.alloc(4096), callback };
  const socket = connect({ port, host: "127.0.0.1", onread });
  socket.on("error", () => {});
  socket.write(`GET ${SSE_PATH} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return socket;
}

/** Counts what comes, and what is told as lost. */
class Burst {
  received = 0;
  /** Before the first gap. */
  first = 0;
  readonly gaps: Gap[] = [];
  #count = 0;

  get isOver(): boolean {
    return this.#count >= BURST_EVENTS;
  }

  /** What is to be answered, if something is. */
  take(packet: string): string | undefined {
    if (packet.startsWith("0")) return `40{"$x":{"rs":{"k":"${"k".repeat(22)}","a":1}}}`;
    if (!packet.startsWith("42")) return undefined;
    const data = JSON.parse(packet.slice(2)) as Control | readonly ["event", number];
    if (data[0] === "event") {
      this.received++;
      expect(data[1]).toBe(++this.#count);
      if (this.gaps.length === 0) this.first = this.#count;
      return this.#count % 64 === 0 ? this.#confirmation : undefined;
    }
    if (data[1] === "r") return this.#confirmation;
    if (data[1] !== "g") return undefined;
    this.gaps.push(data[2] as Gap);
    this.#count = (data[2] as Gap).to;
    return undefined;
  }

  get #confirmation(): string {
    return `42["$","a",${this.#count}]`;
  }
}

function emitBurst(io: Server, inOneTurn: boolean): void {
  io.on("connection", async (socket) => {
    for (let number = 1; number <= BURST_EVENTS; number++) {
      socket.emit("event", number, "x".repeat(KIB));
      if (!inOneTurn && number % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });
}

function burst(io: Server, port: number, inOneTurn: boolean): Promise<Burst> {
  emitBurst(io, inOneTurn);
  const client = new WebSocket(`ws://127.0.0.1:${port}${PATH}`);
  const burst = new Burst();
  return new Promise((resolve) => {
    client.on("message", (bytes: Buffer) => {
      const answer = burst.take(bytes.toString());
      if (answer !== undefined) client.send(answer);
      if (!burst.isOver) return;
      client.close();
      resolve(burst);
    });
  });
}

async function burstSse(io: Server, port: number, inOneTurn: boolean): Promise<Burst> {
  emitBurst(io, inOneTurn);
  const client = await RawSse.open(port);
  const burst = new Burst();
  for (let at = 0; !burst.isOver; at++) {
    await client.when(() => client.packets.length > at);
    const answer = burst.take(String(client.packets[at]));
    if (answer !== undefined) expect(await client.post([answer])).toBe(200);
  }
  client.close();
  return burst;
}

/**
 * The least of several collections. What waits is in sight of V8, all but the little that hosts hand on at once; the process
 * as a whole would show more of the allocator than of it.
 */
async function measureMemory(): Promise<number> {
  const { gc } = globalThis;
  if (!gc) throw new Error("run with --expose-gc");
  let least = Infinity;
  for (let round = 0; round < 6; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external);
  }
  return least;
}
