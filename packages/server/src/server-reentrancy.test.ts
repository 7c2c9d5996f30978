import { createServer } from "node:http";
import { expect, test, vi } from "vitest";
import { nodeHost } from "./host/host-node.ts";
import { type AttachTarget, Server, type Socket } from "./index.ts";
import { nodeRuntime } from "./runtime.ts";
import { MemoryHost } from "./testing/memory-host.ts";
import { serverWorld } from "./testing/server-world.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each<[string, (socket: Socket, io: Server) => unknown]>([
  ["disconnect()", (socket) => socket.disconnect()],
  ["disconnect(true)", (socket) => socket.disconnect(true)],
  ["io.close()", (_socket, io) => io.close()],
  ["io.disconnectSockets()", (_socket, io) => io.disconnectSockets(true)],
  ["leaving its own room", (socket) => socket.leave(socket.id)],
  ["joining a room", (socket) => socket.join("late")],
])("[S52] %s inside disconnecting and disconnect changes nothing: each fires once", async (_what, act) => {
  const { io, enter, errors } = serverWorld();
  const fired: string[] = [];
  const both = [await enter(), await enter()];
  for (const { socket } of both) {
    for (const event of ["disconnecting", "disconnect"] as const) {
      socket.on(event, () => {
        fired.push(event);
        return act(socket, io);
      });
    }
  }
  both[0]?.socket.disconnect();
  both[1]?.peer.drop();
  await io.close();
  expect(fired.toSorted()).toEqual(["disconnect", "disconnect", "disconnecting", "disconnecting"]);
  expect([io.sockets.sockets.size, io.sockets._rooms.size, errors]).toEqual([0, 0, []]);
});

test("a socket that is gone does not close the connection of the others", async () => {
  const { io, enter } = serverWorld();
  const other = new Promise<Socket>((resolve) => io.of("/other").once("connection", resolve));
  const { peer, socket } = await enter();
  peer.receive("40/other,");
  peer.receive("41");
  socket.disconnect(true);
  expect([(await other).connected, peer.state]).toEqual([true, "open"]);
});

test("[S38] a socket is sent nothing of its rooms, nor counted in them, until the middleware let it in", async () => {
  const { io, host } = serverWorld();
  let letIn = (): void => {};
  io.use((socket, next) => {
    socket.join(["lobby", "porch"]);
    socket.leave("porch");
    letIn = next;
  });
  const peer = await host.connect();
  peer.receive("40");
  io.to("lobby").emit("secret");
  expect([peer.takeSent(), await io.in("lobby").fetchSockets()]).toEqual([[], []]);
  letIn();
  io.to(["lobby", "porch"]).emit("news");
  io.to("porch").emit("nothing");
  expect(peer.takeSent()).toEqual([expect.stringMatching(/^40/), '42["news"]']);
});

test.each<[string, (error: unknown) => void]>([
  [
    "throws",
    () => {
      throw new Error("second");
    },
  ],
  ["rejects", () => Promise.reject(new Error("second"))],
])("[O3] when onError %s both errors are warnings, and everything goes on", async (_how, onError) => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const { io, enter } = serverWorld({ onError });
  const { peer, socket } = await enter();
  peer.takeSent();
  const other = vi.fn();
  socket.on("sync", () => {
    throw new Error("first");
  });
  socket.on("sync", other);
  socket.on("async", () => Promise.reject(Object.create(null)));
  peer.receive('421["sync"]');
  peer.receive('422["async"]');
  await turn();
  const warnings = warn.mock.calls.map(([text]) => String(text));
  warn.mockRestore();
  expect(warnings).toHaveLength(4);
  for (const [index, text] of ["first", "second"].entries()) expect(warnings[index]).toContain(text);
  expect(other).toHaveBeenCalledOnce();
  expect(peer.takeSent()).toHaveLength(2);
  await io.close();
});

test("[S36] data that cannot be sent is reported, and the client is refused with the message", async () => {
  const { io, host, errors } = serverWorld();
  io.use((_socket, next) => void setImmediate(() => next(Object.assign(new Error("no"), { data: 1n }))));
  const peer = await host.connect();
  peer.receive("40");
  await turn();
  expect(peer.takeSent()).toEqual(['44{"message":"no"}']);
  expect(errors).toEqual([[expect.objectContaining({ code: "unserializable" }), "middleware"]]);
});

test("[S23] an ack fails too when a listener of outgoing events disconnects the socket", async () => {
  const { enter } = serverWorld();
  const { socket } = await enter();
  socket.onAnyOutgoing(() => socket.disconnect());
  await expect(socket.emitWithAck("ask")).rejects.toMatchObject({ code: "disconnected" });
});

test("[S50] what listeners of outgoing events do changes neither who gets a broadcast nor the order", async () => {
  const { io, enter } = serverWorld();
  const both = [await enter(), await enter()];
  let heard = 0;
  for (const { socket, peer } of both) {
    peer.takeSent();
    socket.join("lobby");
    socket.onAnyOutgoing((event) => {
      if (event !== "news" || ++heard > 10) return;
      for (const other of both) other.socket.leave("lobby");
      for (const other of both) other.socket.join("lobby");
      for (const other of both) other.socket.emit("after");
    });
  }
  io.to("lobby").emit("news");
  expect(heard).toBe(2);
  for (const { peer } of both) expect(peer.takeSent()).toEqual(['42["news"]', '42["after"]', '42["after"]']);
});

test("a room may be called by a number, in plain JavaScript; anything else is refused at join", async () => {
  const { io, enter } = serverWorld();
  const { peer, socket } = await enter();
  peer.takeSent();
  socket.join(7 as unknown as string);
  io.to(7 as unknown as string).emit("a");
  io.to("7").emit("b");
  socket.leave(7 as unknown as string);
  io.to("7").emit("c");
  expect(peer.takeSent()).toEqual(['42["a"]', '42["b"]']);
  for (const room of [undefined, null, {}, ["fine", ["nested"]]]) {
    expect(() => socket.join(room as unknown as string)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  }
  expect([...socket.rooms]).toEqual([socket.id]);
});

test("[O4] what is no target, and a port that is none, is refused with what to write", () => {
  const wrong: [unknown, string][] = [
    [null, "pass an http.Server"],
    [true, "pass an http.Server"],
    ["", "is no port"],
    [() => {}, "http.createServer(app)"],
  ];
  for (const [target, message] of wrong) {
    expect(() => new Server(target as AttachTarget, {})).toThrow(message);
    expect(() => new Server().listen(target as AttachTarget)).toThrow(message);
  }
});

test("[O4] an HTTP server answers a path for one server only", async () => {
  const http = createServer();
  const io = new Server(http);
  expect(() => io.attach(http)).toThrow("/socket.io is answered on this server already");
  expect(() => new Server(nodeHost(http))).toThrow("another `path`");
  await new Server(http, { path: "/other" }).close();
  await io.close();
  await new Server(http).close();
});

test("[O4] a server that was closed is not attached again", async () => {
  const io = new Server();
  await io.close();
  expect(() => io.attach(new MemoryHost())).toThrow("make another one");
  expect(() => io.listen(0)).toThrow("make another one");
});

test("a namespace that no packet can name is refused", () => {
  for (const name of ["/a,b", "a\u001eb"]) expect(() => new Server().of(name)).toThrow("no comma");
});

test("[S22] a time longer than Node's timers can wait is no reason to fail at once", async () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const fired = vi.fn();
  const timers = [Infinity, 2 ** 40].map((ms) => nodeRuntime.clock.setTimer(fired, ms));
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const timer of timers) nodeRuntime.clock.clearTimer(timer);
  expect([fired.mock.calls.length, warn.mock.calls.length]).toEqual([0, 0]);
  warn.mockRestore();
});

test("[S50] who joins, leaves or goes while a broadcast is under way changes neither who gets it nor how often", async () => {
  const { io, enter, errors } = serverWorld();
  const all = [await enter(), await enter(), await enter(), await enter()];
  const [first, second, third, fourth] = all;
  if (!first || !second || !third || !fourth) throw new Error("nobody entered");
  for (const { socket } of all.slice(0, 3)) socket.join("room");
  first.socket.conn.once("packetCreate", () => {
    second.socket.leave("room");
    second.socket.join("room");
    third.socket.disconnect();
    fourth.socket.join("room");
    first.socket.leave("room");
    first.socket.join("room");
  });
  for (const { peer } of all) peer.takeSent();
  io.to("room").emit("news");
  expect(all.map(({ peer }) => peer.takeSent())).toEqual([['42["news"]'], ['42["news"]'], ["41"], []]);
  io.to("room").emit("more");
  expect(all.map(({ peer }) => peer.takeSent())).toEqual([
    ['42["more"]'],
    ['42["more"]'],
    [],
    ['42["more"]'],
  ]);
  expect(errors).toEqual([]);
});
