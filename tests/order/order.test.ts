import http from "node:http";
import type { AddressInfo } from "node:net";
import { io as bowlineClient } from "@bowline/client";
import { type Host, type RealtimeError, Server, type Socket } from "@bowline/server";
import { nodeHost } from "@bowline/server/node";
import { uwsHost } from "@bowline/server/uws";
import { io as stockClient } from "socket.io-client";
import { afterEach, describe, expect, test } from "vitest";
import { listenUws, uwsMissing } from "../uws-app.ts";
import { seeded } from "./random.ts";
import { type Expected, step } from "./script.ts";
import { swapping } from "./swapping-host.ts";

interface Client {
  readonly io: { readonly engine?: { readonly transport: { readonly name: string } } | undefined };
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
}

type HostName = "node" | "uws";
type Swap = "in order" | "two swapped";

const TRANSPORTS = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
  sse: ["sse"],
  "sse upgrade": ["sse", "websocket"],
} as const;
type Connect = (url: string, transports: readonly ("polling" | "websocket" | "sse")[]) => Client;
const CLIENTS: Readonly<Record<"stock" | "bowline", Connect>> = {
  stock: (url, transports) =>
    stockClient(url, {
      transports: [...transports],
      forceNew: true,
      reconnection: false,
    }) as unknown as Client,
  bowline: (url, transports) =>
    bowlineClient(url, {
      transports: [...transports],
      forceNew: true,
      reconnection: false,
    }) as unknown as Client,
};

const SOCKETS = 4;
const STEPS = 600;
const MOST_STEPS = 50_000;
const QUESTIONS = 25;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(io: Server, host: HostName, swap: Swap): Promise<string> {
  const order = swap === "in order" ? (it: Host): Host => it : swapping;
  if (host === "uws") {
    const { port } = await listenUws((app) => io.attach(order(uwsHost(app))));
    return `http://127.0.0.1:${port}`;
  }
  const server = http.createServer();
  io.attach(order(nodeHost(server)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * Emits while the clients upgrade, a few steps in a tick, then the network has its turn; goes on until every client is
 * where it is going.
 */
async function emitAll(
  io: Server,
  sockets: Socket[],
  seed: number,
  isSettled: () => boolean,
): Promise<Expected> {
  const random = seeded(seed);
  const expected: Expected = new Map(sockets.map((socket) => [socket, []]));
  const questions = new Map(sockets.map((socket) => [socket, [] as ((number: number) => void)[]]));
  for (const socket of sockets) {
    socket.on("question", (answer) => void questions.get(socket)?.push(answer as (number: number) => void));
    if (random() < 0.5) socket.join("odd");
    if (random() < 0.5) socket.join("low");
  }
  for (let number = 0; number < STEPS || (!isSettled() && number < MOST_STEPS); number++) {
    step({ io, sockets, questions, expected, random }, number);
    if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
  }
  io.emit("end");
  return expected;
}

/** Events and answers of one client, in the order in which they arrive. */
function observe(client: Client): { readonly id: Promise<string>; readonly numbers: Promise<number[]> } {
  const seen: number[] = [];
  const id = new Promise<string>((resolve) => client.on("you", (own) => resolve(String(own))));
  const numbers = new Promise<number[]>((resolve) => client.on("end", () => resolve(seen)));
  client.on("n", (number, ...rest) => {
    seen.push(Number(number));
    const answer = rest.at(-1);
    if (typeof answer === "function") answer();
  });
  for (let asked = 0; asked < QUESTIONS; asked++) {
    client.emit("question", (number: unknown) => seen.push(Number(number)));
  }
  return { id, numbers };
}

interface Run {
  readonly host: HostName;
  readonly library: keyof typeof CLIENTS;
  readonly transport: keyof typeof TRANSPORTS;
  readonly seed: number;
  readonly swap: Swap;
}

interface Receiver {
  readonly expected: readonly number[];
  readonly seen: readonly number[];
}

async function run({ host, library, transport, seed, swap }: Run): Promise<Receiver[]> {
  const errors: unknown[] = [];
  const io = new Server({ onError: (error) => errors.push(error) });
  closing.push(() => io.close());
  const sockets: Socket[] = [];
  const allThere = new Promise<void>((resolve) => {
    io.on("connection", (socket) => {
      socket.emit("you", socket.id);
      if (sockets.push(socket) === SOCKETS) resolve();
    });
  });
  const url = await listen(io, host, swap);
  const clients = Array.from({ length: SOCKETS }, () => CLIENTS[library](url, TRANSPORTS[transport]));
  closing.push(() => clients.forEach((client) => client.disconnect()));
  const observed = clients.map(observe);
  await allThere;
  const wanted = TRANSPORTS[transport].at(-1);
  const isSettled = (): boolean => clients.every((client) => client.io.engine?.transport.name === wanted);
  const expected = await emitAll(io, sockets, seed, isSettled);
  expect(isSettled(), "every client reached its transport while events were under way").toBe(true);
  // Some ask before anybody listens.
  expect(errors.filter((error) => (error as RealtimeError).code !== "unanswered")).toEqual([]);
  return Promise.all(
    observed.map(async ({ id, numbers }) => {
      const seen = await numbers;
      const own = await id;
      const socket = sockets.find((candidate) => candidate.id === own);
      return { expected: (socket && expected.get(socket)) ?? [], seen };
    }),
  );
}

const SEEDS = [1, 2, 3, 4, 5];

if (uwsMissing) console.log(`!! NOT RUN: the order on uWebSockets.js: ${uwsMissing}`);

describe.each(uwsMissing ? (["node"] as const) : (["node", "uws"] as const))(
  "[S50] on %s, what one socket gets is in the order of the calls",
  (host) => {
    describe.each(["stock", "bowline"] as const)("%s client", (library) => {
      const own = library === "bowline" ? (["sse", "sse upgrade"] as const) : [];
      test.each(["polling", "websocket", "upgrade", ...own] as const)("over %s", async (transport) => {
        for (const seed of SEEDS) {
          const receivers = await run({ host, library, transport, seed, swap: "in order" });
          for (const { expected, seen } of receivers) expect(seen, `seed ${seed}`).toEqual(expected);
        }
      });
    });

    test("[S50] the test itself fails when two frames are swapped on their way", async () => {
      const receivers = await run({
        host,
        library: "stock",
        transport: "websocket",
        seed: 1,
        swap: "two swapped",
      });
      const numbers = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
      for (const { expected, seen } of receivers) {
        expect(numbers(seen)).toEqual(numbers(expected));
        expect(seen).not.toEqual(expected);
      }
    });
  },
);
