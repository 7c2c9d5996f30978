import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { expect, test, vi } from "vitest";
import { Server, type Socket } from "./index.ts";
import { MemoryHost } from "./testing/memory-host.ts";
import { serverWorld } from "./testing/server-world.ts";

test("[O6] path and connectTimeout can be read, and changed for what comes after", async () => {
  const io = new Server({ path: "/live/", connectTimeout: 10_000 });
  expect([io.path(), io.connectTimeout()]).toEqual(["/live", 10_000]);
  expect(io.path("/other/").connectTimeout(20)).toBe(io);
  expect([io.path(), io.connectTimeout()]).toEqual(["/other", 20]);
  const host = new MemoryHost();
  io.attach(host);
  expect(host.path).toBe("/other");
  const peer = await host.connect();
  await peer.closed;
  expect(() => io.path("no slash")).toThrow('the option "path" must be');
});

test("[O6] a connection keeps the connectTimeout that it came with", async () => {
  const { io, host } = serverWorld({ connectTimeout: 20 });
  const peer = await host.connect();
  io.connectTimeout(60_000);
  await peer.closed;
  expect(peer.state).toBe("closed");
});

test("[O7] what concerns the namespaces is refused at attach, since they are there", () => {
  const io = new Server({ maxDynamicNamespaces: 5 });
  expect(() => io.attach(new MemoryHost(), { cleanupEmptyChildNamespaces: true })).toThrow(
    'the option "cleanupEmptyChildNamespaces" goes to the constructor',
  );
  expect(() => io.attach(new MemoryHost(), { maxDynamicNamespaces: 7, path: "/x" })).not.toThrow();
});

test("[S64] close tells the sockets first, then closes the engine and the HTTP server, then calls back", async () => {
  const http = createServer();
  const io = new Server(http);
  const host = new MemoryHost();
  io.attach(host);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const order: unknown[] = [];
  http.on("close", () => order.push("http closed"));
  const connected = new Promise<Socket>((resolve) => io.once("connection", resolve));
  const peer = await host.connect();
  peer.receive("40");
  const socket = await connected;
  socket.on("disconnecting", (reason) => order.push(["disconnecting", reason, peer.state]));
  socket.on("disconnect", (reason) =>
    order.push(["disconnect", reason, peer.state, io.sockets.sockets.size]),
  );
  await io.close((...given) => order.push(["called back", ...given, http.listening]));
  expect(order).toEqual([
    ["disconnecting", "server shutting down", "open"],
    ["disconnect", "server shutting down", "open", 0],
    "http closed",
    ["called back", false],
  ]);
  expect(peer.state).toBe("closed");
});

test("[S64] closing a server whose HTTP server does not run resolves, and the callback gets an error", async () => {
  const io = new Server(createServer());
  const done = vi.fn();
  await expect(io.close(done)).resolves.toBeUndefined();
  expect(done).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: "ERR_SERVER_NOT_RUNNING", message: "Server is not running." }),
  );
  const alone = vi.fn();
  await new Server().close(alone);
  expect(alone).toHaveBeenCalledExactlyOnceWith();
});

test("[S65] what tools read is where Socket.IO has it", async () => {
  const { io, enter } = serverWorld({ path: "/live" });
  io.of("/admin");
  const { peer, socket } = await enter();
  const other = await enter();
  expect([...io._nsps.keys()]).toEqual(["/", "/admin"]);
  expect(io.eio).toBe(io.engine);
  expect([io.opts.path, io._opts]).toEqual(["/live", io.opts]);
  expect(io.sockets.server).toBe(io);
  expect(socket.client.conn).toBe(socket.conn);
  expect(socket.client.id).toBe(socket.conn.id);
  expect(socket.request).toBe(socket.conn.request);
  expect(socket.client.request.url).toMatch(/^\/live/);
  expect(io.engine.clientsCount).toBe(2);

  const encoded = io.encoder.encode({ type: 2, nsp: "/", data: ["x", new Uint8Array([1])], id: 4 });
  expect(encoded).toEqual(['51-4["x",{"_placeholder":true,"num":0}]', new Uint8Array([1])]);
  expect(io.encoder.encode({ type: 5, nsp: "/a", data: ["x"] })).toEqual(['2/a,["x"]']);

  peer.takeSent();
  expect(io.sockets._ids).toBe(0);
  socket.emit("ask", () => {});
  expect(io.sockets._ids++).toBe(1);
  other.socket.emit("ask", () => {});
  expect([peer.takeSent(), other.peer.takeSent().slice(1)]).toEqual([['420["ask"]'], ['422["ask"]']]);
});

test("[S65] an adapter sends, and waits for answers, as it does in Socket.IO", async () => {
  const { io, enter } = serverWorld();
  const { peer, socket } = await enter();
  peer.takeSent();
  const heard: unknown[] = [];
  socket.onAnyOutgoing((...args) => heard.push(args));
  const answered = vi.fn();
  const id = io.sockets._ids++;
  const packet = { type: 2, nsp: "/", data: ["ask", 1], id };
  socket.acks.set(id, answered);
  socket.notifyOutgoingListeners(packet);
  socket.client.writeToEngine(io.encoder.encode(packet) as string[]);
  expect(peer.takeSent()).toEqual(['420["ask",1]']);
  expect(heard).toEqual([["ask", 1]]);
  peer.receive('430["yes",2]');
  expect(answered).toHaveBeenCalledExactlyOnceWith("yes", 2);
  socket.acks.set(7, answered);
  socket.acks.delete(7);
  peer.receive("437[]");
  peer.bufferedAmount = 10_000_000;
  socket.client.writeToEngine("2[]", { volatile: true });
  expect(peer.takeSent()).toEqual([]);
  expect(answered).toHaveBeenCalledOnce();
});

test("[S65] another server's event is fired on the namespace, with the answer as last argument", () => {
  const { io } = serverWorld();
  const heard = vi.fn();
  io.on("ping", heard);
  io.sockets._onServerSideEmit(["ping", 1, heard]);
  expect(heard).toHaveBeenCalledExactlyOnceWith(1, heard);
});

test("[S66] an answer that a client waits for and nobody gives is reported once for the event", async () => {
  const { enter, errors } = serverWorld();
  const { peer, socket } = await enter();
  peer.receive('421["typo",1]');
  peer.receive('422["typo",1]');
  peer.receive('42["nobody waits"]');
  expect(errors).toEqual([
    [
      expect.objectContaining({
        code: "unanswered",
        message: expect.stringContaining('socket.on("typo", …)'),
      }),
      "handler",
    ],
  ]);
  socket.onAny(() => {});
  peer.receive('423["caught by all"]');
  expect(errors).toHaveLength(1);
});

test("[S66] clients cannot fill a log with such reports", async () => {
  const { enter, errors } = serverWorld();
  const { peer } = await enter();
  for (let event = 0; event < 500; event++) peer.receive(`42${event}["${event}${"x".repeat(1_000)}"]`);
  expect(errors).toHaveLength(100);
  expect(String(errors[0]?.[0]).length).toBeLessThan(500);
});

test("[S62] compress(false) reaches the transport, for direct emits and for broadcasts", async () => {
  const { io, enter } = serverWorld();
  const { socket, peer } = await enter();
  peer.takeSent();
  socket.compress(false).emit("x");
  socket.emit("x");
  io.compress(false).emit("x");
  io.emit("x");
  expect(peer.takeCompress().slice(-4)).toEqual([false, undefined, false, undefined]);
});

test("[E45] an engine that is bound twice is heard once", () => {
  const io = new Server();
  const engine = Object.assign(new EventEmitter(), { close() {} });
  io.bind(engine).bind(engine);
  expect([io.engine, engine.listenerCount("connection")]).toEqual([engine, 1]);
});
