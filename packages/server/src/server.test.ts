import { once } from "node:events";
import { RealtimeError } from "@bowline/protocol";
import { expect, test, vi } from "vitest";
import { Server } from "./index.ts";
import { MemoryHost } from "./testing/memory-host.ts";
import { serverWorld as world } from "./testing/server-world.ts";

test("[S30] a connect is answered before the application hears of the socket", async () => {
  const { io, host } = world();
  const peer = await host.connect();
  io.on("connection", (socket) => socket.emit("hello"));
  peer.receive("40");
  expect(peer.takeSent()).toEqual([expect.stringMatching(/^40\{"sid":"[\w-]{20}"\}$/), '42["hello"]']);
});

test("[S31] a namespace that is not there is refused, and the connection goes on", async () => {
  const { host } = world();
  const peer = await host.connect();
  peer.receive("40/nowhere,");
  expect(peer.takeSent()).toEqual(['44/nowhere,{"message":"Invalid namespace"}']);
  expect(peer.state).toBe("open");
});

test.each([
  ["an event for a namespace that was not joined", ['42/other,["x"]']],
  ["a second connect", ["40"]],
  ["a connect_error", ['44{"message":"no"}']],
])("[S32] %s closes the connection with forced server close", async (_what, frames) => {
  const { enter } = world();
  const { peer, socket } = await enter();
  const closed = vi.fn();
  socket.on("disconnect", closed);
  for (const frame of frames) peer.receive(frame);
  expect(closed).toHaveBeenCalledExactlyOnceWith("forced server close", expect.any(RealtimeError));
  expect(peer.state).toBe("closed");
});

test("[S33] what is no packet closes the connection with forced close, and the sockets hear why", async () => {
  const { enter } = world();
  const { peer, socket } = await enter();
  const heard: unknown[] = [];
  socket.on("error", (error) => heard.push((error as RealtimeError).code));
  socket.on("disconnect", (reason) => heard.push(reason));
  peer.receive("42{garbage");
  expect(heard).toEqual(["bad_packet", "forced close"]);
  expect(peer.state).toBe("closed");
});

test("[S34] a connection that joins nothing is closed after connectTimeout", async () => {
  const { host } = world({ connectTimeout: 20 });
  const peer = await host.connect();
  await peer.closed;
  expect(peer.state).toBe("closed");
});

test("[S36] a middleware's refusal reaches the client with its data, and the connection is of no use to it", async () => {
  const { io, host } = world();
  io.use((_socket, next) => next(Object.assign(new Error("not you"), { data: { code: 42 } })));
  io.on("connection", () => expect.unreachable());
  const peer = await host.connect();
  peer.receive("40");
  expect(peer.takeSent()).toEqual(['44{"message":"not you","data":{"code":42}}']);
  expect(io.sockets.sockets.size).toBe(0);
});

test("[S38] a peer that leaves while the middleware thinks is never connected", async () => {
  const { io, host } = world();
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  io.use(async (socket, next) => {
    socket.join("lobby");
    await released;
    next();
  });
  io.on("connection", () => expect.unreachable());
  const peer = await host.connect();
  peer.receive("40");
  peer.drop();
  release();
  await new Promise(setImmediate);
  expect(io.sockets.sockets.size).toBe(0);
  expect(io.sockets._rooms.size).toBe(0);
});

test("[S24] a handler that throws, or rejects, is answered for; the other handlers and the connection go on", async () => {
  const { errors, enter } = world();
  const { peer, socket } = await enter();
  peer.takeSent();
  const others = vi.fn();
  const secret = new Error("db.internal: connection refused");
  socket.on("sync", () => {
    throw secret;
  });
  socket.on("sync", others);
  socket.on("async", async () =>
    Promise.reject(Object.assign(new Error("out of stock"), { expose: true, data: 7 })),
  );
  peer.receive('420["sync"]');
  peer.receive('421["async"]');
  await new Promise(setImmediate);
  expect(others).toHaveBeenCalledOnce();
  expect(peer.takeSent()).toEqual([
    '430[{"$error":{"message":"the handler of \\"sync\\" failed"}}]',
    '431[{"$error":{"message":"out of stock","data":7}}]',
  ]);
  expect(errors).toEqual([
    [secret, "handler"],
    [expect.objectContaining({ message: "out of stock" }), "handler"],
  ]);
  expect(socket.connected).toBe(true);
});

test("[S21] an ack answers once, and not after the socket is gone", async () => {
  const { enter } = world();
  const { peer, socket } = await enter();
  peer.takeSent();
  let late: (() => void) | undefined;
  socket.on("ask", (answer: (text: string) => void) => {
    answer("first");
    answer("second");
    late = () => answer("third");
  });
  peer.receive('427["ask"]');
  peer.receive("41");
  late?.();
  expect(peer.takeSent()).toEqual(['437["first"]']);
});

test("[S22] emitWithAck resolves with the answer, and rejects when the peer leaves or takes too long", async () => {
  const { enter } = world();
  const { peer, socket } = await enter();
  peer.takeSent();
  const answered = socket.emitWithAck("ask", 1);
  expect(peer.takeSent()).toEqual(['420["ask",1]']);
  peer.receive('430["yes"]');
  await expect(answered).resolves.toBe("yes");

  const slow = socket.timeout(10).emitWithAck("ask");
  await expect(slow).rejects.toMatchObject({ code: "ack_timeout", message: "operation has timed out" });
  peer.receive('431["too late"]');

  const lost = socket.emitWithAck("ask");
  peer.drop();
  await expect(lost).rejects.toMatchObject({ code: "disconnected" });
  await expect(socket.emitWithAck("ask")).rejects.toMatchObject({ code: "disconnected" });
});

test("[S22] with a timeout the callback gets an error first", async () => {
  const { enter } = world();
  const { peer, socket } = await enter();
  const answer = vi.fn();
  socket.timeout(5_000).emit("ask", answer);
  peer.receive('430["yes",2]');
  expect(answer).toHaveBeenCalledExactlyOnceWith(null, "yes", 2);
});

test("[S22] a callback that throws when it gets its answer is contained, and the others get theirs", async () => {
  const { errors, enter } = world();
  const { peer, socket } = await enter();
  const boom = new Error("boom");
  const other = vi.fn();
  socket.timeout(5_000).emit("ask", () => {
    throw boom;
  });
  socket.timeout(5_000).emit("ask", other);
  peer.drop();
  expect(errors).toEqual([[boom, "handler"]]);
  expect(other).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "disconnected" }));
});

test("[S24] an answer that cannot be encoded, and an error that cannot, are both answered for", async () => {
  const { errors, enter } = world();
  const { peer, socket } = await enter();
  peer.takeSent();
  socket.on("big", (answer: (value: unknown) => void) => answer(1n));
  socket.on("worse", () => {
    throw Object.assign(new Error("no"), { expose: true, data: 1n });
  });
  peer.receive('420["big"]');
  peer.receive('421["worse"]');
  expect(peer.takeSent()).toEqual([
    '430[{"$error":{"message":"the handler of \\"big\\" failed"}}]',
    '431[{"$error":{"message":"the handler of \\"worse\\" failed"}}]',
  ]);
  expect(errors.map(([error]) => (error as Error).message)).toEqual([
    expect.stringContaining("cannot be sent"),
    "no",
  ]);
});

test("[S9] a reserved name throws at once, whoever emits it", async () => {
  const { io, enter } = world();
  const { socket } = await enter();
  const refusal = expect.objectContaining({
    code: "reserved_event",
    message: '"disconnect" is a reserved event name',
  });
  expect(() => socket.emit("disconnect")).toThrowError(refusal);
  expect(() => io.emit("disconnect")).toThrowError(refusal);
  expect(() => socket.emit(undefined as unknown as string)).toThrowError(
    expect.objectContaining({ code: "invalid_argument" }),
  );
});

test("[S12] what cannot be encoded throws at once and leaves no ack behind", async () => {
  const { enter } = world();
  const { socket } = await enter();
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const answer = vi.fn();
  expect(() => socket.timeout(5).emit("x", circle, answer)).toThrowError(
    expect.objectContaining({ code: "unserializable" }),
  );
  await new Promise((resolve) => setTimeout(resolve, 15));
  expect(answer).not.toHaveBeenCalled();
});

test("[S52] disconnecting sees the rooms, disconnect does not, and both come once", async () => {
  const { io, enter } = world();
  const { peer, socket } = await enter();
  socket.join(["a", "b"]);
  const heard: unknown[] = [];
  socket.on("disconnecting", (reason) => heard.push([reason, [...socket.rooms]]));
  socket.on("disconnect", (reason) => heard.push([reason, [...socket.rooms], socket.connected]));
  peer.receive("41");
  peer.drop();
  expect(heard).toEqual([
    ["client namespace disconnect", [socket.id, "a", "b"]],
    ["client namespace disconnect", [], false],
  ]);
  expect(io.sockets._rooms.size).toBe(0);
});

test("[S40] disconnect() ends the namespace, disconnect(true) the connection", async () => {
  const { io, host } = world();
  io.of("/admin");
  const reasons: string[] = [];
  for (const namespace of [io.sockets, io.of("/admin")]) {
    namespace.on("connection", (socket) => {
      socket.on("disconnect", (reason) => reasons.push(`${namespace.name}: ${reason}`));
      socket.on("leave", (close: boolean) => socket.disconnect(close));
    });
  }
  const peer = await host.connect();
  peer.receive("40");
  peer.receive("40/admin,");
  peer.takeSent();
  peer.receive('42/admin,["leave",false]');
  expect(peer.takeSent()).toEqual(["41/admin,"]);
  expect(peer.state).toBe("open");
  peer.receive("40/admin,");
  peer.takeSent();
  peer.receive('42["leave",true]');
  expect(peer.takeSent()).toEqual(["41", "41/admin,"]);
  expect(peer.state).toBe("closed");
  expect(reasons).toEqual([
    "/admin: server namespace disconnect",
    "/: server namespace disconnect",
    "/admin: server namespace disconnect",
  ]);
});

test("[S53] volatile events are dropped when they cannot leave at once; others never are", async () => {
  const { io, enter } = world();
  const { peer, socket } = await enter();
  peer.takeSent();
  socket.volatile.emit("tick", 1);
  socket.volatile.emit("tick", 2);
  peer.bufferedAmount = 10_000_000;
  socket.volatile.emit("tick", 3);
  io.volatile.emit("tick", 4);
  socket.emit("kept", 5);
  expect(peer.takeSent()).toEqual(['42["tick",1]', '42["tick",2]', '42["kept",5]']);
});

test("[S40] close() tells every socket server shutting down, once", async () => {
  const { io, enter } = world();
  const { peer, socket } = await enter();
  const closed = vi.fn();
  socket.on("disconnect", closed);
  await Promise.all([io.close(), io.close()]);
  expect(closed).toHaveBeenCalledExactlyOnceWith("server shutting down", undefined);
  expect(peer.state).toBe("closed");
});

test("[O3] without onError a failure is a warning of the process, with its stack and where it was", async () => {
  const host = new MemoryHost();
  const io = new Server();
  io.attach(host);
  io.on("connection", () => {
    throw new Error("nobody caught me");
  });
  const warned = once(process, "warning");
  const peer = await host.connect();
  peer.receive("40");
  const [warning] = (await warned) as [Error];
  expect(warning.name).toBe("BowlineError");
  expect(warning.message).toMatch(/nobody caught me[^]*server\.test[^]*stage: connection, namespace: \//);
});

test.each([
  ["an Express app", () => {}, "pass the server instead: new Server(http.createServer(app))"],
  ["an app of uWebSockets.js", { ws() {}, publish() {}, listen() {} }, "call io.attachApp(app)"],
  ["a port out of range", 70_000, '"70000" is no port'],
  ["a word", "http", '"http" is no port'],
])("[O4] attaching to %s throws at once and says what to write", (_what, target, message) => {
  expect(() => new Server(target as unknown as number)).toThrowError(
    expect.objectContaining({ code: "invalid_argument", message: expect.stringContaining(message) }),
  );
});

test("[S58] catch-all listeners hear first, then the middleware decides, then the event's own listeners", async () => {
  const { enter } = world();
  const { peer, socket } = await enter();
  const heard: unknown[] = [];
  socket.onAny((event, ...args) => heard.push(["any", event, ...args]));
  socket.prependAny((event) => heard.push(["first", event]));
  socket.use((event, next) => {
    event[1] = `${String(event[1])}!`;
    next();
  });
  socket.on("say", (text: string) => heard.push(["say", text]));
  peer.receive('42["say","hi"]');
  expect(heard).toEqual([
    ["first", "say"],
    ["any", "say", "hi"],
    ["say", "hi!"],
  ]);
});

test("[S59] a middleware that refuses an event fires error, and answers who wants an answer", async () => {
  const { errors, enter } = world();
  const { peer, socket } = await enter();
  peer.takeSent();
  const heard: unknown[] = [];
  socket.use(([event], next) => {
    if (event === "throws") throw new Error("secret");
    next(event === "refused" ? Object.assign(new Error("not you"), { data: 1 }) : undefined);
  });
  for (const event of ["refused", "throws"]) socket.on(event, () => expect.unreachable());
  socket.on("fine", (answer: (text: string) => void) => answer("ok"));
  socket.on("error", (error) => heard.push(error.message));
  peer.receive('421["refused"]');
  peer.receive('422["throws"]');
  peer.receive('423["fine"]');
  expect(peer.takeSent()).toEqual([
    '431[{"$error":{"message":"not you","data":1}}]',
    '432[{"$error":{"message":"the handler of \\"throws\\" failed"}}]',
    '433["ok"]',
  ]);
  expect(heard).toEqual(["not you"]);
  expect(errors).toEqual([[expect.objectContaining({ message: "secret" }), "handler"]]);
});

test("[S60] outgoing catch-all listeners hear direct emits and broadcasts, not acks nor what was dropped", async () => {
  const { io, enter } = world();
  const { peer, socket } = await enter();
  const heard: unknown[] = [];
  socket.onAnyOutgoing((event, ...args) => heard.push([event, ...args]));
  socket.on("ask", (answer: () => void) => answer());
  socket.emit("direct", 1);
  io.emit("broadcast", 2);
  peer.receive('420["ask"]');
  peer.bufferedAmount = 10_000_000;
  socket.volatile.emit("dropped");
  expect(heard).toEqual([
    ["direct", 1],
    ["broadcast", 2],
  ]);
  socket.offAnyOutgoing();
  socket.emit("direct", 3);
  expect(heard).toHaveLength(2);
});

test("[O3] a callback of close() that throws is reported, and close() still resolves", async () => {
  const { io, errors } = world();
  const boom = new Error("boom");
  await io.close(() => {
    throw boom;
  });
  expect(errors).toEqual([[boom, "close"]]);
});
