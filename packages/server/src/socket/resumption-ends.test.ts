import { beforeEach, expect, test } from "vitest";
import { Server } from "../index.ts";
import { MemoryHost } from "../testing/memory-host.ts";
import { RecoveryClient, type RecoveryWorld } from "../testing/recovery-world.ts";
import { ResumptionClient } from "../testing/resumption-client.ts";
import { journalOf, ResumptionWorld } from "../testing/resumption-world.ts";
import type { Namespace } from "./namespace.ts";
import type { Socket } from "./socket.ts";

const WINDOW_MS = 120_000;

/** One made for Socket.IO, that does nothing. */
class NoAdapter {
  init(): void {}
  close(): void {}
  addAll(): void {}
  delAll(): void {}
  socketRooms(): Set<string> {
    return new Set();
  }
}

let world: ResumptionWorld;

beforeEach(() => {
  world = new ResumptionWorld();
});

test("[U18] disconnect() of a socket whose client is away is told at once, and to the client when it comes back", async () => {
  let checks = 0;
  world.nsp.use((_socket, next) => {
    checks++;
    next();
  });
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  one.cut();
  socket.emit("last words");
  socket.disconnect();
  socket.emit("too late");
  expect(journal).toEqual(["suspend: transport close", "disconnect: server namespace disconnect"]);
  expect([socket.connected, world.nsp.sockets.size]).toEqual([false, 0]);
  await one.connect();
  expect(one.reply).toEqual({ w: WINDOW_MS, h: 0, ok: true });
  expect([one.heard(), one.disconnects, checks]).toEqual([[["last words"]], 1, 1]);
  // It may come again, over the same connection or another one, and is somebody new.
  const id = one.id;
  one.send({ type: "connect", namespace: "/", data: { $x: { rs: { k: one.key, a: 3 } } } });
  expect(one.read().reply?.ok).toBeUndefined();
  expect(one.id).not.toBe(id);
});

test("[U18] what a client sends before it hears the farewell ends nothing else on its connection", async () => {
  world.namespaces.named("/other");
  const { one, socket } = await world.enter();
  one.cut();
  socket.disconnect();
  const other = await world.client("o".repeat(22), "/other").connect();
  one.peer = other.peer;
  one.send({ type: "connect", namespace: "/", data: { $x: { rs: { k: one.key, a: 2, n: 0, s: one.id } } } });
  one.emit("what waited").send({ type: "disconnect", namespace: "/" });
  expect(one.read().disconnects).toBe(1);
  other.cut();
  await other.connect();
  expect(other.reply?.ok).toBe(true);
});

test("[U18] disconnect(true) of a socket whose client is away, and disconnectSockets(), do the same", async () => {
  const { one, socket } = await world.enter();
  one.cut();
  socket.disconnect(true);
  await one.connect();
  expect(one.disconnects).toBe(1);
  const second = await world.enter(world.client("2".repeat(22)));
  second.one.cut();
  world.nsp.disconnectSockets(true);
  await second.one.connect();
  expect(second.one.disconnects).toBe(1);
});

test("[U18] the farewell waits no longer than the window", async () => {
  const { one, socket } = await world.enter();
  one.cut();
  socket.disconnect();
  await world.clock.advance(WINDOW_MS);
  await one.connect();
  expect([one.disconnects, one.reply?.ok]).toEqual([0, undefined]);
  expect(one.received).toBe(0);
});

test("[U18] a disconnect over the link ends the resumption at once, whoever says it", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  one.send({ type: "disconnect", namespace: "/" });
  expect(journal).toEqual(["disconnect: client namespace disconnect"]);
  const again = await world.enter(one);
  expect(one.reply?.ok).toBeUndefined();
  again.socket.disconnect();
  one.read();
  await one.connect();
  expect(one.reply?.ok).toBeUndefined();
  expect(world.nsp._resumptions?.isBusy).toBe(true);
});

test("[U18] io.close() ends those who are away as well", async () => {
  const host = new MemoryHost();
  const io = new Server();
  io.attach(host);
  const sockets: Socket[] = [];
  io.on("connection", (socket) => void sockets.push(socket));
  const one = await new ResumptionClient(() => host.connect()).connect();
  const [socket] = sockets;
  if (!socket) throw new Error("no socket");
  const journal = journalOf(socket);
  one.cut();
  await io.close();
  expect(journal).toEqual(["suspend: transport close", "disconnect: server shutting down"]);
});

test("[U18] a child of a pattern stays while somebody may come back to it", async () => {
  world = new ResumptionWorld({ cleanupEmptyChildren: true });
  const sockets: Socket[] = [];
  world.namespaces
    .matching(/^\/child/)
    .on("connection", ((socket: Socket) => void sockets.push(socket)) as never);
  const one = await world.client(undefined, "/child-1").connect();
  one.cut();
  expect(world.namespaces.byName.has("/child-1")).toBe(true);
  sockets[0]?.emit("missed");
  await one.connect();
  expect([one.reply?.ok, one.heard()]).toEqual([true, [["missed"]]]);
  one.cut();
  sockets[0]?.disconnect();
  expect(world.namespaces.byName.has("/child-1")).toBe(true);
  await world.clock.advance(WINDOW_MS);
  expect(world.namespaces.byName.has("/child-1")).toBe(false);
});

test("[U18] who listens to the session closes it while the client is being told: it waits, and the window ends it", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  one.cut();
  const peer = await world.link();
  const [session] = Object.values(world.engine.clients);
  session?.on("packetCreate", () => session.close());
  peer.receive(`40{"$x":{"rs":{"k":"${one.key}","a":2,"n":0}}}`);
  expect(socket.resumption?.suspended).toBe(true);
  await world.clock.advance(WINDOW_MS);
  expect(journal.at(-1)).toBe("disconnect: forced close");
});

test("[U18] the namespace gets an adapter: agreed sockets end, and their clients come back to plain ones", async () => {
  const host = new MemoryHost();
  const io = new Server();
  io.attach(host);
  const sockets: Socket[] = [];
  io.on("connection", (socket) => void sockets.push(socket));
  const one = await new ResumptionClient(() => host.connect()).connect();
  const reasons: string[] = [];
  sockets[0]?.on("disconnect", (reason) => void reasons.push(reason));
  io.adapter(NoAdapter as never);
  expect([reasons, one.peer?.state]).toEqual([["forced server close"], "closed"]);
  await one.connect();
  expect(one.reply).toBeUndefined();
  expect(sockets[1]?.resumption).toBeUndefined();
  expect(sockets[1]?.handshake.auth).toEqual({});
  await io.close();
});

test("[U19] classic events: disconnect at the break, and connection with a socket that has recovered at the return", async () => {
  world = new ResumptionWorld({ resumption: { events: "classic" } });
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  socket.join("room");
  socket.data.user = "u";
  let reply: ((answer: string) => void) | undefined;
  socket.on("ask", (answer) => (reply = answer));
  one.ask(0, "ask");
  const answer = socket.emitWithAck("question").catch((error: unknown) => error);
  one.cut();
  expect(journal).toEqual(["disconnect: transport close"]);
  expect(await answer).toMatchObject({ code: "disconnected" });
  expect([world.nsp.sockets.size, await world.nsp.fetchSockets()]).toEqual([0, []]);
  world.nsp.to("room").emit("to room", 1);
  world.nsp.to(socket.id).emit("to id", 2);
  world.nsp.except("room").emit("not for it", 3);
  world.nsp.volatile.emit("nor this", 4);
  world.nsp.emit("$all", 5);
  socket.emit("to the old one", 6);
  reply?.("late");

  one.events = [];
  await one.connect({ p: [0] });
  const [, next] = world.sockets;
  expect(one.reply).toMatchObject({ ok: true, h: 1 });
  expect(one.heard()).toEqual([
    ["to room", 1],
    ["to id", 2],
    ["$$all", 5],
    ["to the old one", 6],
  ]);
  expect(one.answers).toEqual([{ id: 0, data: ["late"] }]);
  expect(next).not.toBe(socket);
  expect(next).toMatchObject({ id: socket.id, recovered: true, data: { user: "u" } });
  expect([...(next?.rooms ?? [])]).toEqual([socket.id, "room"]);
  world.nsp.to("room").emit("once");
  expect(one.heard()).toEqual([["once"]]);
  const heard: unknown[] = [];
  next?.on("up", (what) => heard.push(what));
  one.emit("up", 1);
  expect(heard).toEqual([1]);
});

test("[U19] classic events: a take-over is a disconnect and a connection, and a gap is no recovery", async () => {
  world = new ResumptionWorld({ resumption: { events: "classic", maxEvents: 2 } });
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  one.loseLink();
  await one.connect();
  expect(journal).toEqual(["disconnect: forced close"]);
  expect(world.sockets[1]).toMatchObject({ id: socket.id, recovered: true });
  one.cut();
  for (let number = 0; number < 3; number++) world.nsp.emit("event", number);
  await one.connect();
  expect(one.reply?.gap).toEqual({ from: 1, to: 3, why: "overflow" });
  expect(world.sockets[2]).toMatchObject({ id: socket.id, recovered: false });
});

test("[U19] classic events: when the window has passed nothing is left of it", async () => {
  world = new ResumptionWorld({ resumption: { events: "classic" } });
  const { one, socket } = await world.enter();
  socket.join("room");
  one.cut();
  world.nsp.emit("kept");
  await world.clock.advance(WINDOW_MS);
  expect([world.pool?.bytes, world.nsp._resumptions?.isBusy]).toEqual([0, false]);
  expect(world.nsp._resumptions?.away.byId.size).toBe(0);
  expect(world.nsp._resumptions?.away.rooms.size).toBe(0);
  await one.connect();
  expect(world.sockets[1]?.recovered).toBe(false);
});

test("[U20] beside connection state recovery: stock clients keep theirs, who agreed has no session, and both get the same bytes", async () => {
  world = new ResumptionWorld({ recovery: true });
  const { one, socket } = await world.enter();
  const stock = await new RecoveryClient(world as unknown as RecoveryWorld).connect();
  expect([one.reply?.h, stock.pid]).toEqual([0, expect.any(String)]);
  world.nsp.emit("first");
  socket.emit("direct");
  one.read();
  stock.read();
  expect(one.frames.at(-2)).toBe(stock.frames.at(-1));
  expect(one.frames.at(-1)).toBe('42["direct"]');
  one.cut();
  stock.cut();
  world.nsp.emit("missed");
  world.nsp.emit("$missed");
  await one.connect();
  await stock.connect();
  expect(one.heard().map(([name]) => name)).toEqual(["first", "direct", "missed", "$$missed"]);
  expect(stock.heard()).toEqual([["first"], ["missed"], ["$missed"]]);
  expect([one.reply?.ok, stock.recovered]).toEqual([true, true]);
});

test("[U8] what an adapter would be told of joins in the middleware is true of the socket that goes on", async () => {
  const joined: string[] = [];
  const adapter = (world.nsp as Namespace).adapter as unknown as {
    on(event: string, run: (...args: string[]) => void): void;
  };
  adapter.on("join-room", (room) => joined.push(room));
  world.nsp.use((socket, next) => {
    socket.join("both");
    next();
  });
  const { one, socket } = await world.enter();
  one.cut();
  await one.connect();
  expect(joined).toEqual(["both", socket.id]);
});

test("[U18] whoever hears of a gap because of a disconnect() may disconnect: the client hears it once", async () => {
  const { one, socket } = await world.enter();
  if (one.peer) one.peer.bufferedAmount = 2 * 1024 * 1024;
  one.emit("$", "r"); // from here on nothing leaves
  socket.emit("lost");
  socket.resumption?.on("gap", () => void socket.disconnect());
  socket.disconnect();
  expect([one.read().disconnects, one.received]).toEqual([1, 1]);
});

test("[U19] classic events: what a socket that leaves broadcasts is kept for it once", async () => {
  world = new ResumptionWorld({ resumption: { events: "classic" } });
  const { one, socket } = await world.enter();
  for (const event of ["disconnecting", "disconnect"] as const) {
    socket.on(event, () => void world.nsp.emit(`${event}, says another`));
  }
  one.cut();
  await one.connect();
  expect(one.heard()).toEqual([["disconnecting, says another"], ["disconnect, says another"]]);
});
