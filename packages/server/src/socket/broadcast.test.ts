import { expect, test, vi } from "vitest";
import { Server, type Socket } from "../index.ts";
import { MemoryHost, type MemoryPeer } from "../testing/memory-host.ts";

type Name = "ada" | "bob" | "cy" | "dan";

/** Four sockets: ada and bob are in "left", bob and cy in "right", dan in neither. */
async function fourSockets(): Promise<{
  io: Server;
  sockets: Record<Name, Socket>;
  peers: Record<Name, MemoryPeer>;
  receivers(): Name[];
}> {
  const host = new MemoryHost();
  const io = new Server();
  io.attach(host);
  const sockets: Partial<Record<Name, Socket>> = {};
  const peers: Partial<Record<Name, MemoryPeer>> = {};
  for (const name of ["ada", "bob", "cy", "dan"] as const) {
    io.once("connection", (socket) => (sockets[name] = socket));
    const peer = await host.connect();
    peer.receive("40");
    peer.takeSent();
    peers[name] = peer;
  }
  const all = { io, sockets: sockets as Record<Name, Socket>, peers: peers as Record<Name, MemoryPeer> };
  all.sockets.ada.join("left");
  all.sockets.bob.join(["left", "right"]);
  all.sockets.cy.join("right");
  const receivers = (): Name[] => {
    const names = Object.keys(all.peers) as Name[];
    return names.flatMap((name) => all.peers[name].takeSent().map(() => name));
  };
  return { ...all, receivers };
}

type World = Awaited<ReturnType<typeof fourSockets>>;

test.each<[string, (world: World) => unknown, Name[]]>([
  ["io.emit", ({ io }) => io.emit("x"), ["ada", "bob", "cy", "dan"]],
  ["a room", ({ io }) => io.to("left").emit("x"), ["ada", "bob"]],
  ["a union, everybody once", ({ io }) => io.to("left").to("right").emit("x"), ["ada", "bob", "cy"]],
  ["a list of rooms", ({ io }) => io.in(["left", "right"]).emit("x"), ["ada", "bob", "cy"]],
  ["a room that is not there", ({ io }) => io.to("nowhere").emit("x"), []],
  ["except a room", ({ io }) => io.except("left").emit("x"), ["cy", "dan"]],
  ["a room except another", ({ io }) => io.to("right").except("left").emit("x"), ["cy"]],
  ["all but the sender", ({ sockets }) => sockets.ada.broadcast.emit("x"), ["bob", "cy", "dan"]],
  ["a room but the sender", ({ sockets }) => sockets.ada.to("left").emit("x"), ["bob"]],
  ["all but the sender and a room", ({ sockets }) => sockets.dan.except("left").emit("x"), ["cy"]],
  ["one socket by its id", ({ io, sockets }) => io.to(sockets.dan.id).emit("x"), ["dan"]],
  [
    "a socket's id and a room",
    ({ io, sockets }) => io.to([sockets.dan.id, "left"]).emit("x"),
    ["ada", "bob", "dan"],
  ],
  ["except one socket", ({ io, sockets }) => io.except(sockets.dan.id).emit("x"), ["ada", "bob", "cy"]],
])("[S50] %s reaches whom it says", async (_what, emit, names) => {
  const world = await fourSockets();
  emit(world);
  expect(world.receivers().sort()).toEqual(names);
});

test("[S50] a broadcast is encoded once: every receiver gets the same bytes", async () => {
  const { io, peers } = await fourSockets();
  const bytes = new Uint8Array([1, 2, 3]);
  io.emit("x", bytes);
  const frames = Object.values(peers).map((peer) => peer.takeSent()[1]);
  for (const frame of frames) expect(frame).toBe(frames[0]);
});

test("[S51] who left a room, or left altogether, gets nothing of it", async () => {
  const { io, sockets, receivers, peers } = await fourSockets();
  sockets.ada.leave("left");
  peers.bob.drop();
  io.to("left").emit("x");
  expect(receivers()).toEqual([]);
});

test("[S51] a socket that left the room of its own id is not reached by it, until it joins again", async () => {
  const { io, sockets, receivers } = await fourSockets();
  sockets.dan.leave(sockets.dan.id);
  io.to(sockets.dan.id).emit("x");
  expect(receivers()).toEqual([]);
  sockets.dan.join(sockets.dan.id);
  io.to(sockets.dan.id).emit("x");
  expect(receivers()).toEqual(["dan"]);
});

test("[S51] socketsJoin, socketsLeave and disconnectSockets act on who is meant now", async () => {
  const { io, sockets, receivers } = await fourSockets();
  io.to("left").socketsJoin("extra");
  expect(sockets.ada.rooms.has("extra")).toBe(true);
  io.to("extra").socketsLeave(["extra", "left"]);
  io.to("extra").to("left").emit("x");
  expect(receivers()).toEqual([]);
  io.to("right").disconnectSockets(true);
  expect([...io.sockets.sockets.keys()]).toEqual([sockets.ada.id, sockets.dan.id]);
});

test("[S54] operators are values: one step does not change the other", async () => {
  const { io, receivers } = await fourSockets();
  const left = io.to("left");
  left.to("right");
  left.except("right");
  left.emit("x");
  expect(receivers().sort()).toEqual(["ada", "bob"]);
});

/** Answers what the peer was asked last. */
function answer(peer: MemoryPeer, json: string): void {
  const id = /^42(\d+)/.exec(String(peer.takeSent().at(-1)))?.[1];
  peer.receive(`43${id}${json}`);
}

test("[S55] everybody's first argument is collected", async () => {
  const { io, peers } = await fourSockets();
  const asked = io.timeout(5_000).to("left").emitWithAck("ask");
  answer(peers.bob, '["bob",1]');
  answer(peers.ada, '["ada",2]');
  await expect(asked).resolves.toEqual(["bob", "ada"]);
});

test("[S55] with nobody there the answer is empty, at once", async () => {
  const { io } = await fourSockets();
  await expect(io.timeout(5_000).to("nowhere").emitWithAck("ask")).resolves.toEqual([]);
});

test("[S56] who does not answer in time is missing: the error comes with the other answers", async () => {
  const { io, peers } = await fourSockets();
  const done = vi.fn();
  const asked = new Promise<void>((resolve) => {
    io.timeout(10)
      .to("left")
      .emit("ask", (error: Error | null, answers: unknown[]) => resolve(done(error, [...answers])));
  });
  answer(peers.bob, '["bob"]');
  await asked;
  answer(peers.ada, '["late"]');
  expect(done).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: "ack_timeout", message: "operation has timed out", responses: ["bob"] }),
    ["bob"],
  );
});

test("[S56] who leaves is not waited for", async () => {
  const { io, peers } = await fourSockets();
  const asked = io.timeout(60_000).to("left").emitWithAck("ask");
  answer(peers.bob, '["bob"]');
  peers.ada.drop();
  await expect(asked).rejects.toMatchObject({ code: "disconnected", responses: ["bob"] });
});

test("[S57] a broadcast that wants answers and names no time leaves, and fails at once with the fix", async () => {
  const { io, peers } = await fourSockets();
  const untimed = io as unknown as { emit(event: string, ack: (...answer: unknown[]) => void): unknown };
  const [error, responses] = await new Promise<unknown[]>((resolve) =>
    untimed.emit("ask", (...answer) => resolve(answer)),
  );
  expect(error).toMatchObject({ code: "ack_timeout", message: expect.stringContaining("timeout(ms).emit") });
  expect(responses).toEqual([]);
  await expect(io.emitWithAck("ask")).rejects.toMatchObject({ code: "ack_timeout", responses: [] });
  expect(peers.ada.takeSent()).toEqual(['420["ask"]', '421["ask"]']);
});

test("[S51] fetchSockets gives who is meant now, with what they carry", async () => {
  const { io, sockets } = await fourSockets();
  sockets.ada.data["name"] = "ada";
  const left = await io.in("left").fetchSockets();
  expect(left.map(({ id, data }) => [id, data])).toEqual([
    [sockets.ada.id, { name: "ada" }],
    [sockets.bob.id, {}],
  ]);
  expect(await io.fetchSockets()).toHaveLength(4);
});
