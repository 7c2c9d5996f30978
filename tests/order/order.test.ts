import http from "node:http";
import type { AddressInfo } from "node:net";
import { io as bowlineClient } from "@bowline/client";
import { type Host, type RealtimeError, Server, type Socket } from "@bowline/server";
import { nodeHost } from "@bowline/server/node";
import { uwsHost } from "@bowline/server/uws";
import { io as stockClient } from "socket.io-client";
import { afterEach, describe, expect, test } from "vitest";
import { listenUws, uwsMissing } from "../uws-app.ts";
import { type Client, observe } from "./observe.ts";
import { seeded } from "./random.ts";
import { type Expected, step, worldOf } from "./script.ts";
import { swapping } from "./swapping-host.ts";

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
  const world = worldOf(io, sockets, random);
  for (let number = 0; number < STEPS || (!isSettled() && number < MOST_STEPS); number++) {
    step(world, number);
    if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
  }
  io.emit("end");
  return world.expected;
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
