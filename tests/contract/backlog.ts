import { connect } from "node:net";
import { Server, type ServerOptions, type Socket } from "@bowline/server";
import { clientFrame, type HostUnderTest, upgradeRequest } from "@bowline/server/testing";
import { expect, test } from "vitest";
import { WebSocket } from "ws";

const KIB = 1024;
const MAX_BYTES = 1024 * KIB;
const TOLERANCE = 1.1;
const STALLED_CLIENTS = 32;
const EVENT_BYTES = 16 * KIB;
/** Far more than the kernel takes for a peer that does not read. */
const EVENTS_PER_CLIENT = 1_024;
const BURST_EVENTS = 5_000;
const PATH = "/socket.io/?EIO=4&transport=websocket";

type Control = readonly ["$", string, unknown];
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

export function backlogTests(host: HostUnderTest): void {
  const listen = async (options: ServerOptions = {}): Promise<{ io: Server; port: number }> => {
    const io = new Server(options);
    return { io, port: await host.listen((attached) => io.attach(attached)) };
  };

  test(`[U16] ${host.name}: clients that do not read cost their bound and no more`, async () => {
    const { io, port } = await listen({ pingInterval: 600_000 });
    const sockets: Socket[] = [];
    io.on("connection", (socket) => void sockets.push(socket));
    const clients = Array.from({ length: STALLED_CLIENTS }, (_, index) => connectStalled(port, index));
    await expect.poll(() => sockets.length).toBe(STALLED_CLIENTS);
    const before = await measureMemory();
    for (let round = 0; round < EVENTS_PER_CLIENT; round += 8) {
      for (const socket of sockets) {
        for (let number = 0; number < 8; number++)
          socket.emit("event", `${round}`.repeat(EVENT_BYTES).slice(0, EVENT_BYTES));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const grown = (await measureMemory()) - before;
    const perClient = Math.round(grown / STALLED_CLIENTS / KIB);
    console.log(`${host.name}: ${perClient} KiB for each client that does not read, of ${MAX_BYTES / KIB}`);
    expect(sockets.every((socket) => socket.resumption?.unconfirmed === EVENTS_PER_CLIENT)).toBe(true);
    expect(perClient * KIB).toBeLessThan(MAX_BYTES * TOLERANCE);
    for (const client of clients) client.destroy();
    await io.close();
  });

  for (const inOneTurn of [true, false]) {
    const how = inOneTurn ? "in one turn" : "in turns of 100 events";
    test(`[U16] ${host.name}: 5 MB ${how} to a client that reads arrive, but for what is told`, async () => {
      const { io, port } = await listen();
      const { received, gaps, first } = await burst(io, port, inOneTurn);
      const lost = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      console.log(`${host.name}, ${how}: ${received} of ${BURST_EVENTS} events, ${lost} told as lost`);
      expect(received + lost).toBe(BURST_EVENTS);
      if (gaps[0]) expect(gaps).toEqual([{ from: first + 1, to: BURST_EVENTS, why: "overflow" }]);
      if (!inOneTurn) expect(lost).toBe(0);
      await io.close();
    });
  }
}

/** A peer that agrees, and then reads no more. */
function connectStalled(port: number, index: number): ReturnType<typeof connect> {
  const socket = connect(port, "127.0.0.1");
  const rs = { k: `${index}`.padStart(22, "k"), a: 1 };
  socket.on("error", () => {});
  socket.write(upgradeRequest(PATH));
  socket.once("data", () => {
    socket.pause();
    socket.write(clientFrame({ opcode: 1, payload: `40${JSON.stringify({ $x: { rs } })}` }));
  });
  return socket;
}

interface Burst {
  received: number;
  /** Before the first gap. */
  first: number;
  readonly gaps: Gap[];
}

function burst(io: Server, port: number, inOneTurn: boolean): Promise<Burst> {
  io.on("connection", async (socket) => {
    for (let number = 1; number <= BURST_EVENTS; number++) {
      socket.emit("event", number, "x".repeat(KIB));
      if (!inOneTurn && number % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const client = new WebSocket(`ws://127.0.0.1:${port}${PATH}`);
  const burst: Burst = { received: 0, first: 0, gaps: [] };
  let count = 0;
  return new Promise((resolve) => {
    client.on("message", (bytes: Buffer) => {
      const frame = bytes.toString();
      if (frame.startsWith("0")) client.send(`40{"$x":{"rs":{"k":"${"k".repeat(22)}","a":1}}}`);
      if (!frame.startsWith("42")) return;
      const data = JSON.parse(frame.slice(2)) as Control | readonly ["event", number];
      if (data[0] === "event") {
        burst.received++;
        expect(data[1]).toBe(++count);
        if (burst.gaps.length === 0) burst.first = count;
        if (count % 64 === 0) client.send(`42["$","a",${count}]`);
      } else if (data[1] === "r") client.send(`42["$","a",${count}]`);
      else if (data[1] === "g") {
        burst.gaps.push(data[2] as Gap);
        count = (data[2] as Gap).to;
      }
      if (count < BURST_EVENTS) return;
      client.close();
      resolve(burst);
    });
  });
}

/** The least of several collections. */
async function measureMemory(): Promise<number> {
  const { gc } = globalThis;
  if (!gc) throw new Error("run with --expose-gc");
  let least = Infinity;
  for (let round = 0; round < 6; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
    least = Math.min(least, process.memoryUsage().rss);
  }
  return least;
}
