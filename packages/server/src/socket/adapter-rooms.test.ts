import { expect, test, vi } from "vitest";
import { serverWorld, type ServerWorld } from "../testing/server-world.ts";

/** What the adapter tells, in the order it tells it. */
function record({ adapter }: ServerWorld["io"]["sockets"]): unknown[] {
  const heard: unknown[] = [];
  for (const event of ["create-room", "join-room", "leave-room", "delete-room"]) {
    adapter.on(event, (...args: unknown[]) => heard.push([event, ...args]));
  }
  return heard;
}

test("[A1] nsp.adapter shows the rooms and who is in them, own rooms included", async () => {
  const { io, enter } = serverWorld();
  const { rooms, sids } = io.sockets.adapter;
  expect([rooms.size, sids.size, rooms.get("nowhere"), [...rooms]]).toEqual([0, 0, undefined, []]);
  const [a, b] = [(await enter()).socket, (await enter()).socket];
  a.join(["left", "both"]);
  b.join("both");
  expect([...rooms.keys()].sort()).toEqual(["left", "both", a.id, b.id].sort());
  expect([rooms.size, rooms.has("left"), rooms.has(a.id), rooms.has("nowhere")]).toEqual([
    4,
    true,
    true,
    false,
  ]);
  const both = rooms.get("both");
  expect([both?.size, both?.has(a.id), both?.has("somebody"), [...(both ?? [])]]).toEqual([
    2,
    true,
    false,
    [a.id, b.id],
  ]);
  expect(new Set(rooms.get(a.id))).toEqual(new Set([a.id]));
  expect([...rooms.values()].map((room) => room.size).reduce((sum, size) => sum + size)).toBe(5);
  const seen: string[] = [];
  rooms.forEach((ids, room) => ids.forEach((id) => seen.push(`${room} ${id}`)));
  expect(seen).toHaveLength(5);
  expect([...sids.keys()]).toEqual([a.id, b.id]);
  expect([...sids.entries()].map(([id, names]) => [id, [...names]])).toEqual([
    [a.id, [a.id, "left", "both"]],
    [b.id, [b.id, "both"]],
  ]);
  a.leave(a.id);
  expect([rooms.has(a.id), both?.size]).toEqual([false, 2]);
  b.disconnect();
  // It is a view: what one has of it goes with the rooms.
  expect([both?.size, sids.size, rooms.size]).toEqual([1, 1, 2]);
});

test("[A2] the adapter tells of rooms that come and go, in Socket.IO's order", async () => {
  const { io, enter } = serverWorld();
  const heard = record(io.sockets);
  const { socket: a } = await enter();
  expect(heard.splice(0)).toEqual([
    ["create-room", a.id],
    ["join-room", a.id, a.id],
  ]);
  const { socket: b } = await enter();
  heard.length = 0;
  a.join("room");
  a.join("room");
  b.join("room");
  expect(heard.splice(0)).toEqual([
    ["create-room", "room"],
    ["join-room", "room", a.id],
    ["join-room", "room", b.id],
  ]);
  a.leave("room");
  a.leave("room");
  expect(heard.splice(0)).toEqual([["leave-room", "room", a.id]]);
  b.disconnect();
  expect(heard.splice(0)).toEqual([
    ["leave-room", b.id, b.id],
    ["delete-room", b.id],
    ["leave-room", "room", b.id],
    ["delete-room", "room"],
  ]);
});

test("[A2] rooms joined in the middleware are told of when the socket is let in, and not if it is not", async () => {
  const { io, host } = serverWorld();
  const heard = record(io.sockets);
  io.use((socket, next) => {
    socket.join("early");
    next(socket.handshake.auth["ok"] ? undefined : new Error("no"));
  });
  (await host.connect()).receive("40");
  expect(heard).toEqual([]);
  (await host.connect()).receive('40{"ok":1}');
  expect(heard.filter((one) => (one as string[])[1] === "early")).toEqual([
    ["create-room", "early"],
    ["join-room", "early", expect.any(String)],
  ]);
});

test("[A2] what a listener of the adapter throws is reported", async () => {
  const { io, enter, errors } = serverWorld();
  const boom = new Error("boom");
  io.sockets.adapter.on("join-room", () => {
    throw boom;
  });
  await enter();
  expect(errors).toEqual([[boom, "adapter"]]);
});

test("[A1] the methods of Socket.IO's adapter do to our rooms what they say", async () => {
  const { io, enter } = serverWorld();
  const [a, b] = [await enter(), await enter()];
  const { adapter } = io.sockets;
  const sent = (): unknown[] => [a, b].map(({ peer }) => peer.takeSent());
  sent();
  expect(await adapter.serverCount()).toBe(1);
  adapter.init();
  void adapter.addAll(a.socket.id, new Set(["x", "y"]));
  void adapter.addAll("nobody", new Set(["x"]));
  expect([...(adapter.socketRooms(a.socket.id) ?? [])]).toEqual([a.socket.id, "x", "y"]);
  expect(adapter.socketRooms("nobody")).toBeUndefined();
  void adapter.del(a.socket.id, "y");
  expect(await adapter.sockets(new Set(["x"]))).toEqual(new Set([a.socket.id]));
  expect(await adapter.sockets(new Set())).toEqual(new Set([a.socket.id, b.socket.id]));
  adapter.broadcast({ type: 2, nsp: "/", data: ["hi", 1] }, { rooms: new Set(["x"]) });
  adapter.broadcast(
    { type: 2, nsp: "/", data: ["hey"] },
    { rooms: new Set(), except: new Set(["x"]), flags: { volatile: true, compress: false, local: true } },
  );
  expect(sent()).toEqual([['42["hi",1]'], ['42["hey"]']]);
  const options = { rooms: new Set(["x"]), except: new Set<string>() };
  expect(await adapter.fetchSockets(options)).toEqual([a.socket]);
  adapter.addSockets(options, ["z"]);
  expect(a.socket.rooms.has("z")).toBe(true);
  adapter.delSockets(options, ["z"]);
  expect(a.socket.rooms.has("z")).toBe(false);
  const [counted, answered] = [vi.fn(), vi.fn()];
  adapter.broadcastWithAck({ type: 2, nsp: "/", data: ["ask"] }, options, counted, answered);
  expect(counted).toHaveBeenCalledExactlyOnceWith(1);
  expect(sent()).toEqual([['420["ask"]'], []]);
  a.peer.receive('430["yes"]');
  expect(answered).toHaveBeenCalledExactlyOnceWith("yes");
  const ack = vi.fn();
  adapter.serverSideEmit(["ping", ack]);
  adapter.serverSideEmit(["ping"]);
  expect(ack).toHaveBeenCalledExactlyOnceWith(null, []);
  expect([adapter.persistSession({}), adapter.restoreSession("pid", "offset")]).toEqual([undefined, null]);
  adapter.delAll(a.socket.id);
  expect([...a.socket.rooms]).toEqual([]);
  adapter.disconnectSockets({ rooms: new Set([b.socket.id]) }, true);
  expect(b.peer.state).toBe("closed");
  adapter.close();
});
