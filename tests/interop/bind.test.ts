import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Server } from "@bowline/server";
import { io as connect, type ManagerOptions, type Socket as Client } from "socket.io-client";
import { afterEach, beforeEach, expect, test } from "vitest";

interface StockEngine {
  on(event: string, listener: (...args: never[]) => void): this;
  attach(server: object, options: object): void;
  close(): void;
  readonly clientsCount: number;
}
const { Server: StockEngineServer } = createRequire(import.meta.url)("engine.io") as {
  Server: new (options?: object) => StockEngine;
};

let io: Server;
let engine: StockEngine;
let url: string;
let errors: unknown[];
const clients: Client[] = [];
let http: HttpServer;

beforeEach(async () => {
  http = createServer();
  errors = [];
  io = new Server({ onError: (error) => errors.push(error) });
  engine = new StockEngineServer({ pingInterval: 1000 });
  io.bind(engine as unknown as Parameters<Server["bind"]>[0]);
  engine.attach(http, { path: "/socket.io" });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await io.close();
  http.closeAllConnections();
  http.close();
  await once(http, "close");
});

async function enter(options: Partial<ManagerOptions> = {}): Promise<Client> {
  const client = connect(url, { forceNew: true, reconnection: false, ...options });
  clients.push(client);
  await new Promise<void>((resolve, reject) => client.once("connect", resolve).once("connect_error", reject));
  return client;
}

const ways = [["polling"], ["websocket"], ["polling", "websocket"]];

test("[E45] a server takes the connections of Engine.IO's own server: events, acks, bytes, broadcasts", async () => {
  io.on("connection", (socket) => {
    socket.on("echo", (value: unknown, done: (value: unknown) => void) => done(value));
    socket.join("room");
  });
  for (const transports of ways) {
    const client = await enter({ transports });
    expect(await client.timeout(5000).emitWithAck("echo", "hi")).toBe("hi");
    expect(await client.timeout(5000).emitWithAck("echo", Buffer.from([1, 2]))).toEqual(Buffer.from([1, 2]));
  }
  const heard = Promise.all(clients.map((client) => new Promise((resolve) => client.once("news", resolve))));
  io.to("room").emit("news", "all");
  expect(await heard).toEqual(["all", "all", "all"]);
  expect([io.engine, engine.clientsCount, errors]).toEqual([engine, 3, []]);
});

test("[E45] socket.conn is the other engine's own socket, and the handshake is that of its request", async () => {
  const conns: unknown[] = [];
  engine.on("connection", (conn: object) => conns.push(conn));
  const connected = new Promise<Parameters<Parameters<typeof io.on<"connection">>[1]>[0]>((resolve) =>
    io.once("connection", resolve),
  );
  await enter({ query: { a: "b" }, extraHeaders: { "x-mine": "1" } });
  const socket = await connected;
  expect([socket.conn, socket.client.conn, socket.client.id]).toEqual([conns[0], conns[0], socket.conn.id]);
  expect(socket.request).toBe(socket.conn.request);
  expect(socket.handshake).toMatchObject({
    address: expect.stringContaining("127.0.0.1"),
    secure: false,
    headers: { "x-mine": "1" },
    query: { a: "b", transport: "polling" },
    url: expect.stringMatching(/^\/socket\.io\//),
  });
});

test("[E45] ends of a connection have their reasons, whoever wanted it", async () => {
  const reasons: unknown[] = [];
  const sockets: { disconnect(close: boolean): unknown; conn: { close(): unknown } }[] = [];
  io.on("connection", (socket) => {
    sockets.push(socket);
    socket.on("disconnect", (reason) => reasons.push(reason));
  });
  const gone = async (client: Client, how: () => unknown): Promise<void> => {
    const count = reasons.length;
    const left = new Promise((resolve) => client.once("disconnect", resolve));
    how();
    await left;
    await expect.poll(() => reasons.length).toBe(count + 1);
  };
  const a = await enter();
  await gone(a, () => a.disconnect());
  const b = await enter();
  await gone(b, () => sockets[1]?.disconnect(true));
  const c = await enter();
  await gone(c, () => sockets[2]?.conn.close());
  const d = await enter({ transports: ["websocket"] });
  await gone(d, () => d.io.engine.close());
  expect(reasons).toEqual([
    "client namespace disconnect",
    "server namespace disconnect",
    "forced close",
    "transport close",
  ]);
});

test("[E45] io.close() closes the bound engine as well", async () => {
  // Both ends know of it, and it moves nowhere: what a client says that is closed in the midst of that is another test.
  const client = await enter({ transports: ["websocket"] });
  const left = new Promise((resolve) => client.once("disconnect", resolve));
  expect([engine.clientsCount, io.sockets.sockets.size]).toEqual([1, 1]);
  await io.close();
  expect(await left).toBe("transport close");
  expect(engine.clientsCount).toBe(0);
});

test("[E45] its own engine is bound already: nothing is heard twice", async () => {
  const own = createServer();
  const server = new Server(own);
  expect(server.bind(server.engine)).toBe(server);
  own.listen(0, "127.0.0.1");
  await once(own, "listening");
  let count = 0;
  server.on("connection", () => count++);
  url = `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
  await enter();
  expect([count, server.engine.clientsCount]).toEqual([1, 1]);
  await server.close();
});

test("[E45] what is no engine is refused", () => {
  expect(() => io.bind({} as never)).toThrow("this is no engine");
});
