import { connect, type Socket } from "node:net";
import { Server } from "@bowline/server";
import { clientFrame, type HostUnderTest, upgradeRequest } from "@bowline/server/testing";
import { expect, test } from "vitest";

const WARM_UP_CYCLES = 3000;
const CYCLES = 10_000;
const ROUNDS = 4;
const AT_ONCE = 100;
const PATH = "/socket.io/?EIO=4&transport=";
const GROWTH = 1.05;

/** 10 000 sessions come and go, half of them over polling; afterwards the heap is what it was. */
export function heapTest(host: HostUnderTest): void {
  test(`[H13] ${host.name}: ${CYCLES} connections leave nothing behind`, { timeout: 120_000 }, async () => {
    const io = new Server();
    const port = await host.listen((attached) => io.attach(attached));
    await runCycles(port, WARM_UP_CYCLES);
    const before = await measureHeap();
    let after = Infinity;
    // What leaks grows with every round; what V8 keeps for a while is gone in one of them.
    for (let round = 0; round < ROUNDS && after / before >= GROWTH; round++) {
      await runCycles(port, CYCLES);
      await expect.poll(() => io.connectionsCount).toBe(0);
      after = await measureHeap();
    }
    expect(after / before).toBeLessThan(GROWTH);
    await io.close();
  });
}

async function runCycles(port: number, count: number): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => (index % 2 ? viaWebSocket : viaPolling)(port)),
    );
  }
}

async function viaWebSocket(port: number): Promise<void> {
  const opened = clientFrame({ opcode: 1, payload: "40" });
  const goodbye = clientFrame({ opcode: 8, payload: Uint8Array.of(3, 232) });
  const socket = connect(port, "127.0.0.1");
  socket.write(upgradeRequest(`${PATH}websocket`));
  await until(socket, '0{"sid"');
  socket.write(opened);
  await until(socket, '40{"sid"');
  socket.write(goodbye);
  await ended(socket);
}

async function viaPolling(port: number): Promise<void> {
  const opened = await ask(port, `GET ${PATH}polling`);
  const sid = /"sid":"([^"]+)"/.exec(opened)?.[1] ?? "";
  expect(await ask(port, `POST ${PATH}polling&sid=${sid}`, "40\u001e1")).toContain("ok");
}

async function ask(port: number, what: string, body = ""): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const length = `Content-Length: ${body.length}`;
  socket.write(`${what} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${length}\r\n\r\n${body}`);
  const answer = await until(socket, what.startsWith("GET") ? '"maxPayload"' : "ok");
  socket.destroy();
  return answer;
}

function until(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const take = (chunk: Buffer): void => {
      received += chunk.toString("latin1");
      if (!received.includes(text)) return;
      socket.off("data", take).off("error", reject);
      resolve(received);
    };
    socket.on("data", take).on("error", reject);
  });
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("error", () => {});
    socket.once("close", () => resolve());
    socket.once("end", () => socket.destroy());
    socket.resume();
  });
}

/** What is alive: the least of several collections, because weak references and finalizers take some rounds. */
async function measureHeap(): Promise<number> {
  const { gc } = globalThis;
  if (!gc) throw new Error("run with --expose-gc");
  let least = Infinity;
  for (let round = 0; round < 8; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}
