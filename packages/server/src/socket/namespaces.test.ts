import { expect, test, vi } from "vitest";
import type { Namespace, NamespaceFunction, Socket } from "../index.ts";
import type { MemoryPeer } from "../testing/memory-host.ts";
import { serverWorld, type ServerWorld } from "../testing/server-world.ts";

/** A peer that asked for the namespace, and what it was told. */
async function ask(
  { host }: ServerWorld,
  name: string,
  auth = "",
): Promise<{ peer: MemoryPeer; told: unknown[] }> {
  const peer = await host.connect();
  peer.receive(`40${name},${auth}`);
  return { peer, told: peer.takeSent() };
}

const connected = (name: string): unknown[] => [
  expect.stringMatching(new RegExp(`^40${name},\\{"sid":"[\\w-]{20}"\\}$`)),
];
const refused = (name: string): unknown[] => [`44${name},{"message":"Invalid namespace"}`];

test("[N1] a pattern makes the namespaces that clients ask for and that fit it", async () => {
  const world = serverWorld();
  const sockets: Socket[] = [];
  world.io.of(/^\/room-\d+$/, (socket) => sockets.push(socket));
  expect((await ask(world, "/room-1")).told).toEqual(connected("/room-1"));
  expect((await ask(world, "/room-2")).told).toEqual(connected("/room-2"));
  expect((await ask(world, "/room-x")).told).toEqual(refused("/room-x"));
  expect(sockets.map(({ nsp }) => nsp.name)).toEqual(["/room-1", "/room-2"]);
  expect(world.io.of("/room-1")).toBe(sockets[0]?.nsp);
});

test("[N2] functions and patterns are asked in the order they were given; the first that allows decides", async () => {
  const world = serverWorld();
  const asked: unknown[] = [];
  const deny: NamespaceFunction = (name, auth, next) => next(null, void asked.push(["deny", name, auth]));
  const fail: NamespaceFunction = (_name, _auth, next) => next(new Error("no"), true);
  const later: NamespaceFunction = async (name, auth, next) => {
    await Promise.resolve();
    asked.push(["allow", name, auth]);
    next(null, true);
    next(null, false);
  };
  world.io.of(deny);
  world.io.of(fail);
  const allowed = world.io.of(later);
  const last = world.io.of(/./);
  const names: string[] = [];
  allowed.on("connection", (socket) => names.push(`allowed ${socket.nsp.name}`));
  last.on("connection", () => expect.unreachable());
  const { peer } = await ask(world, "/a", '{"token":1}');
  await new Promise(setImmediate);
  expect(peer.takeSent()).toEqual(connected("/a"));
  expect(names).toEqual(["allowed /a"]);
  expect(asked).toEqual([
    ["deny", "/a", { token: 1 }],
    ["allow", "/a", { token: 1 }],
  ]);
});

test("[N2] a function that throws allows nothing and is reported", async () => {
  const world = serverWorld();
  const boom = new Error("boom");
  world.io.of(() => {
    throw boom;
  });
  world.io.of(async () => Promise.reject(boom));
  const { peer } = await ask(world, "/a");
  await new Promise(setImmediate);
  expect(peer.takeSent()).toEqual(refused("/a"));
  expect(world.errors).toEqual([
    [boom, "namespace"],
    [boom, "namespace"],
  ]);
});

test("[N3] a child begins with the pattern's middleware and listeners as they were when it was made", async () => {
  const world = serverWorld();
  const parent = world.io.of(/^\/p/);
  const heard: string[] = [];
  parent.use((socket, next) => {
    heard.push(`middleware ${socket.nsp.name}`);
    next();
  });
  parent.on("connect", () => heard.push("connect"));
  parent.on("connection", () => heard.push("connection"));
  await ask(world, "/p1");
  expect(heard.splice(0)).toEqual(["middleware /p1", "connect", "connection"]);
  parent.on("connection", () => heard.push("late"));
  parent.use((_socket, next) => next(new Error("late")));
  await ask(world, "/p1");
  expect(heard.splice(0)).toEqual(["middleware /p1", "connect", "connection"]);
  expect((await ask(world, "/p2")).told).toEqual(['44/p2,{"message":"late"}']);
});

test("[N4] new namespaces are announced on the main one, whoever made them", async () => {
  const world = serverWorld();
  const made: string[] = [];
  world.io.on("new_namespace", ({ name }) => made.push(name));
  world.io.of("/by-hand");
  world.io.of("/by-hand");
  world.io.of(/^\/p/);
  await ask(world, "/p1");
  expect(made).toEqual(["/by-hand", "/p1"]);
});

test("[N5] a namespace made by hand becomes a child of the first pattern that fits", async () => {
  const world = serverWorld();
  const parent = world.io.of(/^\/p/);
  expect(parent.name).toBe("/_0");
  const listener = vi.fn();
  parent.on("connection", listener);
  const own = vi.fn();
  world.io.of("/p1", own);
  const { peer } = await ask(world, "/p1");
  peer.takeSent();
  expect([listener.mock.calls.length, own.mock.calls.length]).toEqual([1, 1]);
  parent.emit("hello");
  expect(peer.takeSent()).toEqual(['42/p1,["hello"]']);
});

test("[N5] a pattern that remembers where it stopped is refused", () => {
  const { io } = serverWorld();
  for (const pattern of [/a/g, /a/y]) expect(() => io.of(pattern)).toThrow("stateful regular expressions");
  expect(() => io.of(7 as unknown as string)).toThrow("takes a name, a RegExp, or a function");
});

test("[N6] what is said to a pattern reaches the sockets of all its children", async () => {
  const world = serverWorld();
  const parent = world.io.of(/^\/p/);
  world.io.of("/other");
  parent.on("connection", (socket) => socket.join("lobby"));
  const peers = await Promise.all(["/p1", "/p2", "/other"].map((name) => ask(world, name)));
  const sent = (): unknown[] => peers.map(({ peer }) => peer.takeSent());
  parent.emit("all", 1);
  expect(sent()).toEqual([['42/p1,["all",1]'], ['42/p2,["all",1]'], []]);
  parent.to("lobby").except("nowhere").emit("some");
  expect(sent()).toEqual([['42/p1,["some"]'], ['42/p2,["some"]'], []]);
  parent.in("lobby").socketsJoin("more");
  parent.to("more").socketsLeave("lobby");
  parent.to("lobby").emit("nobody");
  expect(sent()).toEqual([[], [], []]);
  const answers = parent.timeout(5_000).emitWithAck("ask");
  for (const [index, { peer }] of peers.slice(0, 2).entries()) {
    peer.takeSent();
    peer.receive(`43/p${index + 1},0["answer ${index}"]`);
  }
  expect(await answers).toEqual(["answer 0", "answer 1"]);
  await expect(parent.fetchSockets()).rejects.toThrow("Call it on a child");
  parent.disconnectSockets(true);
  expect(peers.map(({ peer }) => peer.state)).toEqual(["closed", "closed", "open"]);
});

test("[N6] a pattern without children answers for nobody", async () => {
  const { io } = serverWorld();
  expect(await io.of(/x/).timeout(5).emitWithAck("ask")).toEqual([]);
});

test("[N7] with cleanupEmptyChildNamespaces a child goes with its last socket, and comes again", async () => {
  const world = serverWorld({ cleanupEmptyChildNamespaces: true });
  const { io } = world;
  const children: Namespace[] = [];
  io.of(/^\/p/).on("connection", ({ nsp }) => children.push(nsp as Namespace));
  const [first, second] = [await ask(world, "/p1"), await ask(world, "/p1")];
  first.peer.receive("41/p1,");
  expect(children[1]).toBe(children[0]);
  second.peer.drop();
  await ask(world, "/p1");
  expect(children[2]).not.toBe(children[0]);
  expect(io.of("/p1")).toBe(children[2]);
});

test("[N7] a child goes when its middleware refused the only socket, and not while another one waits", async () => {
  const world = serverWorld({ cleanupEmptyChildNamespaces: true });
  const made = vi.fn();
  world.io.on("new_namespace", made);
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  world.io.of(/^\/p/).use(async (socket, next) => {
    if (socket.handshake.auth["slow"] === undefined) return next(new Error("no"));
    await released;
    next();
  });
  await ask(world, "/p1");
  await ask(world, "/p1");
  expect(made).toHaveBeenCalledTimes(2);
  const slow = await ask(world, "/p1", '{"slow":1}');
  await ask(world, "/p1");
  release();
  await new Promise(setImmediate);
  expect(slow.peer.takeSent()).toEqual(connected("/p1"));
  expect(made).toHaveBeenCalledTimes(3);
});

test("[N7] without it a child stays, and so does a namespace made by hand", async () => {
  for (const cleanup of [true, false]) {
    const world = serverWorld({ cleanupEmptyChildNamespaces: cleanup });
    const name = cleanup ? "/by-hand" : "/p1";
    world.io.of(/^\/p/);
    if (cleanup) world.io.of(name);
    const { peer } = await ask(world, name);
    const namespace = world.io.of(name);
    peer.drop();
    expect(world.io.of(name)).toBe(namespace);
  }
});

test("[N8] while a function thinks, a second connect is a fault, and who leaves makes no namespace", async () => {
  const world = serverWorld();
  const made = vi.fn();
  world.io.on("new_namespace", made);
  const waiting: (() => void)[] = [];
  world.io.of((_name, _auth, next) => waiting.push(() => next(null, true)));
  const twice = await ask(world, "/a");
  twice.peer.receive("40/a,");
  expect(twice.peer.state).toBe("closed");
  const gone = await ask(world, "/a");
  gone.peer.drop();
  const left = await ask(world, "/a");
  left.peer.receive("41/a,");
  for (const allow of waiting) allow();
  expect(left.peer.takeSent()).toEqual([]);
  expect(left.peer.state).toBe("open");
  expect(made).not.toHaveBeenCalled();
  const early = await ask(world, "/a");
  early.peer.receive('42/a,["x"]');
  expect(early.peer.state).toBe("closed");
});

test("[N8] two that ask for the same at once get the same", async () => {
  const world = serverWorld();
  const waiting: (() => void)[] = [];
  world.io.of((_name, _auth, next) => waiting.push(() => next(null, true)));
  const both = [await ask(world, "/a"), await ask(world, "/a")];
  for (const allow of waiting) allow();
  for (const { peer } of both) expect(peer.takeSent()).toEqual(connected("/a"));
  expect(world.io.of("/a").sockets.size).toBe(2);
});

test("[N9] above maxDynamicNamespaces there are no more, which is said once", async () => {
  const world = serverWorld({ maxDynamicNamespaces: 2, cleanupEmptyChildNamespaces: true });
  world.io.of(/^\/p/);
  const { peer } = await ask(world, "/p1");
  await ask(world, "/p2");
  expect((await ask(world, "/p3")).told).toEqual(refused("/p3"));
  expect((await ask(world, "/p4")).told).toEqual(refused("/p4"));
  expect((await ask(world, "/p2")).told).toEqual(connected("/p2"));
  expect(world.errors).toEqual([
    [expect.objectContaining({ message: expect.stringContaining("maxDynamicNamespaces") }), "namespace"],
  ]);
  peer.drop();
  expect((await ask(world, "/p3")).told).toEqual(connected("/p3"));
});
