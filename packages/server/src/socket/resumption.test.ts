import type { Frame } from "@bowline/protocol";
import { beforeEach, expect, test } from "vitest";
import { journalOf, ResumptionWorld } from "../testing/resumption-world.ts";
import { TestRequest } from "../testing/test-request.ts";
import type { Socket } from "./socket.ts";

const WINDOW_MS = 120_000;
const OTHER_KEY = "o".repeat(22);

let world: ResumptionWorld;

beforeEach(() => {
  world = new ResumptionWorld();
});

test("[U1] the open packet offers it, CONNECT confirms it, and the application sees no trace of it", async () => {
  const auths: object[] = [];
  world.nsp.use((socket, next) => {
    auths.push(socket.handshake.auth);
    next();
  });
  const handshake = await world.engine.request(new TestRequest({ query: "EIO=4&transport=polling" }));
  expect(handshake.body).toMatch(/"ext":\{"rs":1\}\}$/);
  const one = await world.client().connect({ auth: { token: "t" } });
  expect(one.frames).toEqual([`40{"sid":"${one.id}","$x":{"rs":{"w":${WINDOW_MS},"h":0}}}`]);
  expect(auths).toEqual([{ token: "t" }]);
  expect(world.socket(one.id ?? "").resumption).toMatchObject({ suspended: false, resumes: 0 });
});

test("[U1] a client that asks for nothing, or for what cannot be, has a plain socket", async () => {
  for (const rs of [
    undefined,
    {},
    { k: "short", a: 1 },
    { k: OTHER_KEY, a: -1 },
    { k: OTHER_KEY, a: 1, p: ["x"] },
  ]) {
    const peer = await world.link();
    peer.receive(rs === undefined ? "40" : `40${JSON.stringify({ $x: { rs } })}`);
    const socket = world.sockets.at(-1);
    expect(peer.takeSent()).toEqual([`40{"sid":"${socket?.id}"}`]);
    expect(socket?.resumption).toBeUndefined();
    peer.drop();
    expect(socket?.connected).toBe(false);
  }
});

test("[U1] where resumption is off there is no offer, and `$x` is the application's", async () => {
  world = new ResumptionWorld({ resumption: false });
  const one = await world.client().connect();
  expect(one.frames).toEqual([`40{"sid":"${one.id}"}`]);
  expect(world.socket(one.id ?? "").handshake.auth["$x"]).toBeDefined();
});

test("[U2] names that begin with `$` get one more, volatile ones `$~`, and come back as they were", async () => {
  const { one, socket } = await world.enter();
  socket.emit("$price", 1);
  socket.volatile.emit("tick", 2);
  world.nsp.emit("$all", 3);
  world.nsp.volatile.emit("$all", 4);
  world.nsp.emit("plain", 5);
  expect(one.heard()).toEqual([
    ["$$price", 1],
    ["$~tick", 2],
    ["$$all", 3],
    ["$~$all", 4],
    ["plain", 5],
  ]);
  expect([one.received, socket.resumption?.unconfirmed]).toEqual([3, 3]);

  const heard: unknown[] = [];
  socket.onAny((...event) => void heard.push(event));
  one.emit("$$price", 1).emit("$~tick", 2).emit("plain", 3).emit("$later", 4);
  expect(heard).toEqual([
    ["$price", 1],
    ["tick", 2],
    ["plain", 3],
  ]);
});

test("[U2] a volatile event that would be one of ours closes the connection", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  one.emit("$~disconnect", "forged");
  expect(journal).toEqual(["disconnect: forced server close"]);
});

test("[U3] a broadcast to stock and agreed sockets is one encoding, the same bytes; only `$` and volatile are two", async () => {
  const { one } = await world.enter();
  const stock = await world.link();
  stock.receive("40");
  stock.takeSent();
  one.read();
  one.frames = [];
  const packets = new Set<unknown>();
  for (const socket of world.nsp.sockets.values()) {
    const { session } = socket.client;
    const send = session.sendPacket.bind(session);
    session.sendPacket = (packet) => {
      packets.add(packet);
      send(packet);
    };
  }
  world.nsp.emit("text", "é");
  world.nsp.emit("bytes", Uint8Array.of(1, 2));
  expect(packets.size).toBe(3); // the same reference for both: a text, a header, an attachment
  const sent: Frame[] = stock.takeSent();
  one.read();
  expect(one.frames).toEqual(sent);
  packets.clear();
  world.nsp.volatile.emit("tick");
  world.nsp.emit("$x");
  expect(packets.size).toBe(4);
});

test("[U4] a socket goes on: id, rooms, data, what was sent meanwhile in order, and no disconnect", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  socket.join("room");
  socket.data.user = "u";
  socket.emit("before", 1);
  one.cut();
  expect([socket.connected, socket.resumption?.suspended]).toEqual([true, true]);
  socket.emit("direct", 2);
  world.nsp.to("room").emit("room", 3);
  world.nsp.emit("all", Uint8Array.of(4));
  socket.volatile.emit("dropped");
  expect((await world.nsp.fetchSockets()).map(({ id }) => id)).toEqual([socket.id]);

  one.events = [];
  await one.connect();
  expect(one.reply).toEqual({ w: WINDOW_MS, h: 0, ok: true });
  expect(one.id).toBe(socket.id);
  socket.emit("after", 5);
  expect(one.heard()).toEqual([
    ["direct", 2],
    ["room", 3],
    ["all", Uint8Array.of(4)],
    ["after", 5],
  ]);
  expect(journal).toEqual(["suspend: transport close", "resume"]);
  expect(world.sockets).toEqual([socket]);
  expect([...socket.rooms]).toEqual([socket.id, "room"]);
  expect(socket.data.user).toBe("u");
  expect(socket.resumption?.resumes).toBe(1);
});

test("[U4] what was sent into a dead link and did not arrive is sent again, also in the middle of attachments", async () => {
  const { one, socket } = await world.enter();
  const bytes = Uint8Array.of(1, 2, 3);
  for (let number = 0; number < 5; number++) socket.emit("event", number, bytes);
  bytes.fill(9);
  one.cut(5); // two and a half
  await one.connect();
  expect(one.heard()).toEqual([0, 1, 2, 3, 4].map((number) => ["event", number, Uint8Array.of(1, 2, 3)]));
  expect(one.received).toBe(5);
});

test("[U4] rooms that are left and joined while the client is away count from then on", async () => {
  const { one, socket } = await world.enter();
  socket.join("old");
  one.cut();
  socket.leave("old");
  socket.join("new");
  world.nsp.to("old").emit("old");
  world.nsp.to("new").emit("new");
  await one.connect();
  expect(one.heard()).toEqual([["new"]]);
});

test("[U5] the reply to the first CONNECT is lost with the link: the next finds the socket, and there is one connection", async () => {
  const one = world.client();
  const { key } = one;
  const lost = await world.client(key).connect();
  const socket = world.socket(lost.id ?? "");
  socket.emit("first");
  lost.loseLink();
  one.attempt = 1;
  await one.connect();
  expect([one.id, one.reply?.ok]).toEqual([socket.id, true]);
  expect(one.heard()).toEqual([["first"]]);
  expect(world.sockets).toEqual([socket]);
});

test("[U5] a socket that is not known is a new one, whatever the client says that it has", async () => {
  const one = world.client();
  one.id = "gone";
  one.received = 7;
  await one.connect();
  expect(one.reply).toEqual({ w: WINDOW_MS, h: 0 });
  expect(one.received).toBe(0);
});

test("[U5] a client that begins anew is not there twice, whatever became of its socket", async () => {
  const { one, socket } = await world.enter();
  const anew = { n: 0, s: "" };
  one.loseLink();
  await one.connect(anew);
  expect([one.reply?.ok, socket.connected]).toEqual([undefined, false]);
  const second = world.socket(one.id ?? "");
  one.cut();
  await one.connect(anew);
  expect([one.reply?.ok, second.connected]).toEqual([undefined, false]);
  const third = world.socket(one.id ?? "");
  one.cut();
  third.disconnect();
  await one.connect(anew);
  expect([one.reply?.ok, one.disconnects]).toEqual([undefined, 0]);
  expect([...world.nsp.sockets.keys()]).toEqual([one.id]);
});

test("[U5] a client that never heard of the socket that was made for it last is a new one, and that one ends", async () => {
  const { one } = await world.enter();
  for (let number = 0; number < 3; number++) world.nsp.emit("event", number);
  one.cut();
  await world.clock.advance(WINDOW_MS);
  // It comes too late, and the reply that says so is lost with the link.
  const late = await world.client(one.key).connect({ a: 2, n: 3, s: one.id ?? "" });
  const unheard = world.socket(late.id ?? "");
  const journal = journalOf(unheard);
  for (let number = 0; number < 9; number++) unheard.emit("event", number);
  one.attempt = 2;
  await one.connect();
  expect(one.reply).toEqual({ w: WINDOW_MS, h: 0 });
  expect(journal).toEqual(["disconnect: forced close"]);
  expect([...world.nsp.sockets.keys()]).toEqual([one.id]);
  expect(one.id).not.toBe(unheard.id);
});

test("[U6] the link is half open: the client's new one takes over at once, the old one is cut, nothing of it arrives", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  const heard: unknown[] = [];
  socket.on("late", (what) => heard.push(what));
  const other = world.client(OTHER_KEY, "/other");
  const otherSocket = new Promise<Socket>((resolve) =>
    world.namespaces.named("/other").on("connection", resolve as never),
  );
  const old = one.loseLink();
  other.peer = old;
  other.send({ type: "connect", namespace: "/other", data: { $x: { rs: { k: OTHER_KEY, a: 1 } } } });
  const otherJournal = journalOf(await otherSocket);
  socket.emit("into nowhere");

  await one.connect();
  expect(one.heard()).toEqual([["into nowhere"]]);
  expect(old?.state).toBe("closed");
  old?.listener?.message('42["late","old link"]');
  one.emit("late", "new link");
  expect(heard).toEqual(["new link"]);
  expect(journal).toEqual(["resume"]);
  expect(otherJournal).toEqual(["suspend: forced close"]);
});

test("[U9] the client's events are counted, told after 64, after a second, and when it asks", async () => {
  const { one } = await world.enter();
  for (let number = 0; number < 64; number++) one.emit("event");
  one.emit("$~volatile").ask(0, "asked");
  expect(one.told()).toEqual([["a", 64]]);
  await world.clock.advance(999);
  expect(one.told()).toEqual([]);
  await world.clock.advance(1);
  expect(one.told()).toEqual([["a", 65]]);
  one.emit("$", "r");
  expect(one.told()).toEqual([["a", 65]]);
  one.emit("event").emit("$", "r");
  expect(one.told()).toEqual([["a", 66]]);
  await world.clock.advance(5_000);
  expect(one.told()).toEqual([]);
  one.emit("event").cut();
  await one.connect();
  expect(one.reply?.h).toBe(67);
});

test("[U9] what the client confirmed is forgotten; it cannot confirm what was not sent", async () => {
  const { one, socket } = await world.enter();
  for (let number = 0; number < 3; number++) socket.emit("event", number);
  one.read();
  expect([socket.resumption?.unconfirmed, world.pool?.bytes]).not.toContain(0);
  one.confirm();
  expect([socket.resumption?.unconfirmed, world.pool?.bytes]).toEqual([0, 0]);
  const journal = journalOf(socket);
  one.emit("$", "a", 4);
  expect(journal).toEqual(["disconnect: forced server close"]);
});

test("[U10] what breaks the protocol ends the socket at once", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  one.peer?.receive("4nonsense");
  expect(journal).toEqual(["disconnect: forced close"]);
  await one.connect();
  expect(one.reply?.ok).toBeUndefined();
});

test("[U10] conn.close() and a heartbeat that fails suspend", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  socket.conn.close();
  await one.connect();
  await world.clock.advance(50_000);
  await one.connect();
  expect(journal).toEqual(["suspend: forced close", "resume", "suspend: ping timeout", "resume"]);
});

test("[U11] when the window has passed the socket ends with the reason for which its link was lost", async () => {
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  one.cut();
  await world.clock.advance(WINDOW_MS - 1);
  expect(journal).toEqual(["suspend: transport close"]);
  await world.clock.advance(1);
  expect(journal).toEqual(["suspend: transport close", "disconnect: transport close"]);
  expect([world.nsp.sockets.size, world.clock.pending]).toEqual([0, 0]);
  await one.connect();
  expect(one.reply?.ok).toBeUndefined();
});

test("[U11] one timer waits for all", async () => {
  const all = await Promise.all(
    ["a", "b", "c", "d"].map((letter) => world.client(letter.repeat(22)).connect()),
  );
  const before = world.clock.pending;
  for (const one of all) one.cut();
  expect(world.clock.pending).toBeLessThanOrEqual(before + 1);
  await world.clock.advance(WINDOW_MS);
  expect(world.clock.pending).toBe(0);
});
