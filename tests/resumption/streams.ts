import { io as connect } from "@bowline/client";
import { Server } from "@bowline/server";
import { expect, vi } from "vitest";
import { FaultProxy } from "../faults/proxy.ts";
import { type HostName, listenOn } from "./hosts.ts";

const ROTATIONS = 4;
const BURST = 5;
const ONE_WAY_MS = 40;
const SLACK_MS = 10;
const PER_SECOND = 60;
const MESSAGES = 120;
/** Of some rounds the best: other work on the machine delays any of them. */
const MOST_ROUNDS = 5;

/** What was asked for over HTTP, and which streams were begun and ended. */
function watch(io: Server): { readonly gets: string[]; readonly ended: () => number } {
  const gets: string[] = [];
  let ended = 0;
  io.engine.use((request, response, next) => {
    if (request.method === "GET") {
      gets.push(/&from=\d+/.exec(request.url ?? "")?.[0] ?? "");
      response.once("finish", () => void ended++);
    }
    next();
  });
  return { gets, ended: () => ended };
}

/** Streams that end each second, with a thousand events a second each way. */
export async function rotationTest(host: HostName): Promise<void> {
  const errors: unknown[] = [];
  const io = new Server({ sse: { maxAge: 1_000 }, onError: (error) => void errors.push(error) });
  const { gets, ended } = watch(io);
  const port = await listenOn(host, io);
  const client = connect(`http://127.0.0.1:${port}`, { forceNew: true, transports: ["sse"] });
  const [up, down]: [number[], number[]] = [[], []];
  const suspensions: unknown[] = [];
  client.on("n", (number) => down.push(number));
  client.resumption.on("suspend", (reason) => suspensions.push(reason));
  io.on("connection", (socket) => {
    socket.on("n", (number) => up.push(number));
    socket.on("last", (answer) => answer());
  });
  await new Promise<void>((resolve) => client.once("connect", resolve));
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      for (let burst = 0; burst < BURST; burst++, sent++) {
        io.emit("n", sent, "x".repeat(sent % 100));
        client.emit("n", sent);
      }
      if (gets.length <= ROTATIONS) return;
      clearInterval(timer);
      resolve();
    }, BURST);
  });
  await client.emitWithAck("last");
  // Not `expect.poll`, which knows of one test at a time.
  await vi.waitFor(() => expect(down.length).toBe(sent), { timeout: 10_000 });
  const wanted = Array.from({ length: sent }, (_, number) => number);
  console.log(`${host}: ${sent} events each way over ${gets.length} streams of a second`);
  expect([up, down]).toEqual([wanted, wanted]);
  // One GET for each stream that ended, and the first; each goes on from elsewhere.
  expect(gets.length).toBe(ended() + 1);
  expect([gets[0], new Set(gets).size]).toEqual(["", gets.length]);
  expect([suspensions, errors]).toEqual([[], []]);
  client.disconnect();
  await io.close();
}

/**
 * How late the latest but one in a hundred is, when 60 messages a second come over a stream: later than a timer that was set
 * when it was sent, for as long as it is on its way, which is as late when the machine has other work.
 */
export async function latencyTest(host: HostName): Promise<void> {
  const io = new Server();
  const { gets } = watch(io);
  const proxy = await FaultProxy.to(await listenOn(host, io));
  const client = connect(proxy.url, { forceNew: true, transports: ["sse"] });
  await new Promise<void>((resolve) => client.once("connect", resolve));
  proxy.delay(ONE_WAY_MS, "down");
  const all: number[] = [];
  do all.push(await p99(io, client));
  while (all.length < MOST_ROUNDS && Math.min(...all) > SLACK_MS);
  console.log(`${host}: 99 of 100 messages are ${all.map(Math.round).join(", ")} ms late at most`);
  expect(Math.min(...all)).toBeLessThanOrEqual(SLACK_MS);
  expect(gets).toEqual([""]);
  client.disconnect();
  await proxy.close();
  await io.close();
}

async function p99(io: Server, client: ReturnType<typeof connect>): Promise<number> {
  const late: number[] = [];
  const timers: Promise<number>[] = [];
  await new Promise<void>((resolve) => {
    client.on("at", async (number: number, sentAt: number) => {
      const arrivedAt = performance.now();
      // Not sooner than the proxy lets it, or it was not behind it.
      expect(arrivedAt - sentAt).toBeGreaterThanOrEqual(ONE_WAY_MS - 1);
      late.push(arrivedAt - ((await timers[number]) ?? NaN));
      if (late.length === MESSAGES) resolve();
    });
    const timer = setInterval(() => {
      const number = timers.push(
        new Promise((ring) => setTimeout(() => ring(performance.now()), ONE_WAY_MS)),
      );
      io.emit("at", number - 1, performance.now());
      if (number === MESSAGES) clearInterval(timer);
    }, 1000 / PER_SECOND);
  });
  client.off("at");
  late.sort((one, other) => one - other);
  return late[Math.ceil(MESSAGES * 0.99) - 1] ?? Infinity;
}
