import { expect, test, vi } from "vitest";
import type { MemoryPeer } from "../testing/memory-host.ts";
import { serverWorld } from "../testing/server-world.ts";

/** Answers what the peer was asked last. */
function answer(peer: MemoryPeer, json: string): void {
  const id = /^42(\d+)/.exec(String(peer.takeSent().at(-1)))?.[1];
  peer.receive(`43${id}${json}`);
}

test("[S62] send and write emit a message, from whatever they are called on", async () => {
  const { io, enter } = serverWorld();
  const { peer, socket } = await enter();
  peer.takeSent();
  expect(io.send("io").write("io")).toBe(io);
  expect(io.sockets.write("nsp")).toBe(io.sockets);
  expect(socket.send("socket").write("socket", 2)).toBe(socket);
  socket.volatile.send("volatile").write("volatile");
  expect(peer.takeSent()).toEqual([
    '42["message","io"]',
    '42["message","io"]',
    '42["message","nsp"]',
    '42["message","socket"]',
    '42["message","socket",2]',
    '42["message","volatile"]',
    '42["message","volatile"]',
  ]);
});

test("[S62] local and compress send to the same, wherever they stand in a chain", async () => {
  const { io, enter } = serverWorld();
  const [a, b] = [await enter(), await enter()];
  const sent = (): unknown[] => [a, b].map(({ peer }) => peer.takeSent().length);
  b.socket.join("room");
  sent();
  io.local.emit("x");
  io.compress(false).emit("x");
  expect(sent()).toEqual([2, 2]);
  io.to("room").local.compress(true).emit("x");
  io.sockets.local.in("room").emit("x");
  expect(sent()).toEqual([0, 2]);
  a.socket.local.emit("x");
  a.socket.compress(false).broadcast.emit("x");
  a.socket.volatile.to("room").emit("x");
  a.socket.compress(true).volatile.local.emit("x");
  expect(sent()).toEqual([0, 4]);
  a.socket.compress(false).emit("x");
  expect(sent()).toEqual([1, 0]);
});

test("[S62] a socket's time goes along into its broadcast", async () => {
  const { enter } = serverWorld();
  const [a, b] = [await enter(), await enter()];
  const answers = a.socket.timeout(5_000).broadcast.emitWithAck("ask");
  answer(b.peer, '["b"]');
  expect(await answers).toEqual(["b"]);
});

test("[S62] a socket's volatile goes along into its broadcast", async () => {
  const { enter } = serverWorld();
  const [a, b] = [await enter(), await enter()];
  b.peer.takeSent();
  b.peer.bufferedAmount = 10_000_000;
  a.socket.volatile.broadcast.emit("x");
  expect(b.peer.takeSent()).toEqual([]);
  a.socket.broadcast.emit("x");
  expect(b.peer.takeSent()).toEqual(['42["x"]']);
});

test("[S62] catch-all listeners can be listed", async () => {
  const { enter } = serverWorld();
  const { socket } = await enter();
  const [a, b] = [vi.fn(), vi.fn()];
  expect([socket.listenersAny(), socket.listenersAnyOutgoing()]).toEqual([[], []]);
  socket.onAny(a).prependAny(b).onAnyOutgoing(a);
  expect([socket.listenersAny(), socket.listenersAnyOutgoing()]).toEqual([[b, a], [a]]);
  socket.offAny(b).offAnyOutgoing();
  expect([socket.listenersAny(), socket.listenersAnyOutgoing()]).toEqual([[a], []]);
});

test("[S62] allSockets gives the ids of who is meant", async () => {
  const { io, enter } = serverWorld();
  const [a, b] = [await enter(), await enter()];
  b.socket.join("room");
  expect(await io.allSockets()).toEqual(new Set([a.socket.id, b.socket.id]));
  expect(await io.in("room").allSockets()).toEqual(new Set([b.socket.id]));
});

test("[S63] on a server alone serverSideEmit reaches nobody, and an ack is answered with nothing", async () => {
  const { io } = serverWorld();
  const heard = vi.fn();
  io.on("ping", heard);
  expect(io.serverSideEmit("ping", 1)).toBe(true);
  const ack = vi.fn();
  expect(io.sockets.serverSideEmit("ping", ack)).toBe(true);
  expect(ack).toHaveBeenCalledExactlyOnceWith(null, []);
  expect(await io.serverSideEmitWithAck("ping", 1)).toEqual([]);
  expect(await io.of(/x/).serverSideEmitWithAck("ping")).toEqual([]);
  expect(heard).not.toHaveBeenCalled();
});

test("[S63] what namespaces fire by themselves cannot be fired from another server", async () => {
  const { io } = serverWorld();
  for (const event of ["connect", "connection", "new_namespace"]) {
    expect(() => io.serverSideEmit(event)).toThrow(`"${event}" is a reserved event name`);
    await expect(io.serverSideEmitWithAck(event)).rejects.toMatchObject({ code: "reserved_event" });
  }
});

test("[S63] what the callback throws is reported", async () => {
  const { io, errors } = serverWorld();
  const boom = new Error("boom");
  io.serverSideEmit("ping", () => {
    throw boom;
  });
  expect(errors).toEqual([[boom, "handler"]]);
});
