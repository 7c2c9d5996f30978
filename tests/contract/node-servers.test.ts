import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import { type ClientHttp2Stream, connect as connectHttp2, createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server as NetServer } from "node:net";
import { Server } from "@bowline/server";
import { call } from "@bowline/server/testing";
import { io as connect, type Socket as Client, type ManagerOptions } from "socket.io-client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { certificate } from "../certificate.ts";

const POLLING = "/socket.io/?EIO=4&transport=polling";

type Conn = Server["engine"]["clients"][string];

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

async function listen(server: NetServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return portOf(server);
}

function portOf(server: NetServer): number {
  return (server.address() as AddressInfo).port;
}

/** A stock client that is connected. */
async function enter(url: string, options: Partial<ManagerOptions> = {}): Promise<Client> {
  const client = connect(url, { forceNew: true, reconnection: false, rejectUnauthorized: false, ...options });
  clients.push(client);
  await new Promise<void>((resolve, reject) => client.once("connect", resolve).once("connect_error", reject));
  return client;
}

async function echo(client: Client): Promise<unknown> {
  return client.timeout(5000).emitWithAck("echo", "hi");
}

function answering(io: Server): Server {
  return io.on("connection", (socket) => {
    socket.on("echo", (value: unknown, done: (value: unknown) => void) => done(value));
  });
}

describe("[H19] HTTP servers of Node", () => {
  test("[H19] over TLS, each transport, and the peer is known to be secure", async () => {
    const server = createHttpsServer(certificate);
    const io = answering(new Server(server));
    const port = await listen(server);
    const secure: boolean[] = [];
    io.on("connection", ({ handshake }) => secure.push(handshake.secure));
    for (const transports of [["polling"], ["websocket"]]) {
      expect(await echo(await enter(`https://localhost:${port}`, { transports }))).toBe("hi");
    }
    expect(secure).toEqual([true, true]);
    await io.close();
  });

  test("[H19] HTTP/2 carries polls, HTTP/1 beside it polls and WebSockets, and the server closes", async () => {
    const server = createSecureServer({ ...certificate, allowHTTP1: true });
    const io = answering(new Server(server));
    const port = await listen(server);
    const session = connectHttp2(`https://localhost:${port}`, { rejectUnauthorized: false });
    const ask = async (path: string, method = "GET", body?: string): Promise<readonly [number, string]> => {
      const stream = session.request({ ":path": path, ":method": method });
      stream.setEncoding("utf8").end(body);
      const [headers] = (await once(stream, "response")) as [{ ":status": number }];
      let text = "";
      for await (const chunk of stream) text += chunk;
      return [headers[":status"], text];
    };
    const [status, opened] = await ask(POLLING);
    expect(status).toBe(200);
    const path = `${POLLING}&sid=${/"sid":"([^"]+)/.exec(opened)?.[1]}`;
    expect(await ask(path, "POST", "40")).toEqual([200, "ok"]);
    expect((await ask(path))[1]).toMatch(/^40\{"sid"/);
    expect(await ask("/socket.io/?EIO=4&transport=tube")).toEqual([
      400,
      '{"code":0,"message":"Transport unknown"}',
    ]);
    for (const transports of [["polling"], ["websocket"]]) {
      expect(await echo(await enter(`https://localhost:${port}`, { transports }))).toBe("hi");
    }
    const closed = once(session, "close");
    await io.close();
    await closed;
    expect(server.listening).toBe(false);
  });

  test("[H19, H20, V2] HTTP/2 carries streams: whole, slow readers and those that leave included", async () => {
    const server = createSecureServer({ ...certificate, allowHTTP1: true });
    const io = new Server(server);
    const port = await listen(server);
    const session = connectHttp2(`https://localhost:${port}`, { rejectUnauthorized: false });
    const opened = async (): Promise<{ stream: ClientHttp2Stream; text(): string; conn: Conn }> => {
      const connected = new Promise<Conn>((resolve) => io.engine.once("connection", resolve as never));
      const stream = session.request({ ":path": "/socket.io/?EIO=4&transport=sse" });
      let text = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      const [headers] = (await once(stream, "response")) as [Record<string, string | number>];
      expect([headers[":status"], headers["content-type"]]).toEqual([
        200,
        "text/event-stream; charset=utf-8",
      ]);
      expect(headers).not.toHaveProperty("transfer-encoding");
      return { stream, text: () => text, conn: await connected };
    };
    const [first, second] = [await opened(), await opened()];
    first.stream.pause();
    const piece = "x".repeat(64 * 1024);
    let sent = 0;
    while (first.conn.transport.bufferedAmount < 1024 * 1024) {
      first.conn.send(piece);
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    second.stream.close();
    expect(await new Promise((resolve) => second.conn.once("close", resolve as never))).toBe(
      "transport close",
    );
    first.stream.resume();
    await vi.waitFor(() => expect(first.conn.transport.bufferedAmount).toBe(0), { timeout: 10_000 });
    const ended = once(first.stream, "end");
    first.conn.close();
    await ended;
    expect(first.text().split(piece)).toHaveLength(sent + 1);
    expect(first.text().endsWith("data:1\n\n")).toBe(true);
    const closed = once(session, "close");
    await io.close();
    await closed;
  });

  test("[H19] one that listens already, and one that listens later", async () => {
    const server = createServer();
    const port = await listen(server);
    const io = answering(new Server());
    io.attach(server);
    expect(await echo(await enter(`http://127.0.0.1:${port}`))).toBe("hi");
    await io.close();
  });

  test("[H19] two servers have one engine between them, and both are closed", async () => {
    const servers = [createServer(), createServer()];
    const io = answering(new Server(servers[0]));
    io.attach(servers[1] as HttpServer);
    for (const server of servers)
      expect(await echo(await enter(`http://127.0.0.1:${await listen(server)}`))).toBe("hi");
    expect(io.engine.clientsCount).toBe(2);
    await io.close();
    expect(servers.map(({ listening }) => listening)).toEqual([false, false]);
  });

  test("[H19] sessions end when somebody else closes the last server", async () => {
    const servers = [createServer(), createServer()];
    const io = new Server(servers[0]);
    io.attach(servers[1] as HttpServer);
    const ports = [await listen(servers[0] as HttpServer), await listen(servers[1] as HttpServer)];
    // Sessions over polling outlive connections.
    for (const port of ports) await call(port, { path: POLLING });
    servers[0]?.close();
    await once(servers[0] as HttpServer, "close");
    expect(io.engine.clientsCount).toBe(2);
    servers[1]?.close();
    await once(servers[1] as HttpServer, "close");
    expect(io.engine.clientsCount).toBe(0);
    // It may listen again, as with Socket.IO.
    const port = await listen(servers[1] as HttpServer);
    expect((await call(port, { path: POLLING })).status).toBe(200);
    await io.close();
  });
});

describe("[E47] requests that somebody else routes", () => {
  test("[E47] io.engine answers requests and upgrades that are handed to it, whatever their path", async () => {
    const io = answering(new Server());
    const server = createServer((request, response) => io.engine.handleRequest(request, response));
    server.on("upgrade", (request, socket, head) => io.engine.handleUpgrade(request, socket, head));
    const url = `http://127.0.0.1:${await listen(server)}`;
    for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
      expect(await echo(await enter(url, { path: "/api/anything", transports }))).toBe("hi");
    }
    for (const client of clients.splice(0)) client.disconnect();
    await io.close();
    server.closeAllConnections();
    server.close();
  });

  test("[E47] io.engine.attach attaches as io.attach does", async () => {
    const io = answering(new Server());
    const server = createServer();
    io.engine.attach(server, { path: "/there" });
    const port = await listen(server);
    expect(await echo(await enter(`http://127.0.0.1:${port}`, { path: "/there" }))).toBe("hi");
    await io.close();
  });
});

describe("[E48] options of attach and listen", () => {
  test("[E48] make an engine with them; the constructor's own win", async () => {
    const io = answering(new Server({ maxHttpBufferSize: 777 }));
    const first = io.engine;
    const server = createServer();
    io.attach(server, { path: "/x", pingInterval: 123, maxHttpBufferSize: 1, transports: ["polling"] });
    expect(io.engine).not.toBe(first);
    expect(io.engine.opts).toMatchObject({ pingInterval: 123, maxHttpBufferSize: 777, pingTimeout: 20_000 });
    const port = await listen(server);
    const { body } = await call(port, { path: POLLING.replace("socket.io", "x") });
    expect(JSON.parse(body.toString().slice(1))).toMatchObject({
      upgrades: [],
      pingInterval: 123,
      maxPayload: 777,
    });
    await io.close();
  });

  test("[E48] without options another server is one more of the same engine", async () => {
    const io = new Server();
    const first = io.engine;
    io.attach(createServer());
    expect(io.engine).toBe(first);
    await io.close();
  });

  test("[E48] what cannot be is refused as in the constructor", () => {
    expect(() => new Server().attach(createServer(), { pingIntervall: 1 } as object)).toThrow("pingInterval");
  });
});

test("[E37] on node:http the request of a connection is the real one", async () => {
  const server = createServer();
  const io = new Server(server);
  const port = await listen(server);
  const real: unknown[] = [];
  server.prependListener("request", (request) => real.push(request));
  server.prependListener("upgrade", (request) => real.push(request));
  const seen: unknown[] = [];
  io.engine.on("connection", ({ request }) => seen.push(request));
  await call(port, { path: POLLING });
  await enter(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
  expect(seen).toHaveLength(2);
  expect(seen.every((request, index) => request === real[index])).toBe(true);
  await io.close();
});

test("[E49] another engine for WebSockets may stand in for ws's", async () => {
  let upgrades = 0;
  class Counting extends WebSocketServer {
    override handleUpgrade(...args: Parameters<WebSocketServer["handleUpgrade"]>): void {
      upgrades++;
      super.handleUpgrade(...args);
    }
  }
  const server = createServer();
  const io = answering(new Server(server, { wsEngine: Counting }));
  const port = await listen(server);
  const client = await enter(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
  expect([await echo(client), upgrades]).toEqual(["hi", 1]);
  await io.close();
});
