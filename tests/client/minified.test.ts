import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Socket, type io as Io } from "@bowline/client";
import { Server } from "socket.io";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { once } from "../interop/wait.ts";

/** As a page has it. What the short names of the minified file break, nothing but running it shows. */
vi.stubGlobal("WebSocket", WebSocket);
vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
const reported: unknown[] = [];

const load = async (file: string): Promise<typeof Io> => {
  const { href } = new URL(`../../packages/client/dist/${file}`, import.meta.url);
  return ((await import(href)) as { io: typeof Io }).io;
};
const io = await load("socket.io.esm.min.js");
const ioOverWebSocket = await load("bowline.websocket.esm.min.js");

let server: Server;
let url: string;
const sockets: Socket[] = [];

beforeEach(async () => {
  const http = createServer();
  server = new Server(http, { maxHttpBufferSize: 10_000 });
  server.on("connection", (socket) => {
    socket.on("echo", (...args: unknown[]) => {
      (args.pop() as (...answer: unknown[]) => void)(...args);
    });
    socket.emit("hello", socket.handshake.auth["token"], Buffer.from([1, 2, 3]));
  });
  server.of("/refused").use((_socket, next) => next(Object.assign(new Error("no"), { data: { code: 7 } })));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.io.disconnect();
  await server.close();
  expect(reported.splice(0)).toEqual([]);
});

function dial(path: string, options: Parameters<typeof Io>[1] = {}, by = io): Socket {
  const socket = by(url + path, { forceNew: true, reconnectionDelay: 10, ...options });
  sockets.push(socket);
  return socket;
}

const TRANSPORTS: Readonly<Record<string, ("polling" | "websocket")[]>> = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};

describe.each(Object.entries(TRANSPORTS))("[C61] the minified client, %s", (_name, transports) => {
  test("talks: auth, bytes, acks, timeouts, namespaces", async () => {
    const socket = dial("/", { transports, auth: { token: "t" } });
    const hello = (await once(socket, "hello")) as [string, Uint8Array];
    expect([hello[0], [...hello[1]]]).toEqual(["t", [1, 2, 3]]);
    const bytes = (await socket.emitWithAck("echo", new Uint8Array([9]), { a: null })) as Uint8Array;
    expect([...bytes]).toEqual([9]);
    await expect(socket.timeout(20).emitWithAck("nobody")).rejects.toThrow("operation has timed out");
    const refused = dial("/refused", { transports });
    const [error] = await once(refused, "connect_error");
    expect(error).toMatchObject({ message: "no", data: { code: 7 } });
    expect(refused.active).toBe(false);
  });

  test("comes back: what waited arrives in order, the settings count", async () => {
    const socket = dial("/", { transports });
    await once(socket, "connect");
    socket.io.reconnectionDelay(5).opts.query = { again: "1" };
    const { engine } = socket.io;
    const gone = once(socket, "disconnect");
    engine.close();
    expect((await gone)[0]).toBe("forced close");
    const answers: unknown[] = [];
    socket.emit("echo", 1, (answer: unknown) => answers.push(answer));
    socket.volatile.emit("echo", 2, (answer: unknown) => answers.push(answer));
    expect(socket.sendBuffer).toHaveLength(1);
    expect(await socket.emitWithAck("echo", 3)).toBe(3);
    expect(answers).toEqual([1]);
    const [again] = await server.fetchSockets();
    expect(again?.handshake.query["again"]).toBe("1");
    expect(socket.io.engine).not.toBe(engine);
  });

  test("retries, refuses what is too large, and leaves", async () => {
    const socket = dial("/", { transports, retries: 3, ackTimeout: 1000 });
    expect(await Promise.all([1, 2].map((n) => socket.emitWithAck("echo", n)))).toEqual([1, 2]);
    expect(() => socket.emit("echo", "x".repeat(20_000))).toThrow(/bytes, above 10000/);
    const left = new Promise((resolve) => [...server.sockets.sockets.values()][0]?.on("disconnect", resolve));
    socket.disconnect();
    expect(await left).toBe("client namespace disconnect");
    expect(socket.io.state.name).toBe("closed");
  });
});

test("[C83] the file that knows WebSockets only talks to Socket.IO's server, and comes back to it", async () => {
  const socket = dial("/", { auth: { token: "t" } }, ioOverWebSocket);
  const [token, bytes] = (await once(socket, "hello")) as [string, Uint8Array];
  expect([token, [...bytes]]).toEqual(["t", [1, 2, 3]]);
  expect(await socket.emitWithAck("echo", { bytes: new Uint8Array([9]) })).toEqual({
    bytes: new Uint8Array([9]),
  });
  const refused = dial("/refused", { forceNew: false }, ioOverWebSocket);
  const [error] = (await once(refused, "connect_error")) as [{ message: string; data: unknown }];
  expect([error.message, error.data]).toEqual(["no", { code: 7 }]);
  const gone = once(socket, "disconnect");
  const back = once(socket, "connect");
  const { id } = socket;
  server.sockets.sockets.forEach((each) => each.conn.close());
  expect((await gone)[0]).toBe("transport close");
  const answers = [socket.emitWithAck("echo", 1)];
  await back;
  answers.push(socket.emitWithAck("echo", 2));
  expect(await Promise.all(answers)).toEqual([1, 2]);
  expect([socket.id === id, socket.recovered]).toEqual([false, false]);
});
