import { expect, test } from "vitest";
import { EngineWorld } from "../testing/engine-world.ts";
import type { Session } from "./session.ts";

const EVENTS = [
  ...["open", "data", "message", "packet", "packetCreate", "flush", "drain", "heartbeat"],
  ...["upgrading", "upgrade", "error", "close"],
] as const;

/** What it tells, as names with what there is to see of the arguments. */
function record(session: Session): string[] {
  const told: string[] = [];
  for (const event of EVENTS) {
    session.on(event, (...args: unknown[]) => told.push([event, ...args.map(shown)].join(" ")));
  }
  return told;
}

function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if ("name" in value) return String(value.name);
  if (Array.isArray(value)) return `[${value.map(shown).join(",")}]`;
  return "type" in value && "data" in value ? `<${String(value.type)}:${String(value.data)}>` : "?";
}

test("[E37] socket.conn has the members of Engine.IO's Socket", async () => {
  const world = new EngineWorld();
  const { session } = await world.openPolling();
  expect(session).toMatchObject({
    id: "id-1",
    protocol: 4,
    readyState: "open",
    remoteAddress: "192.0.2.1",
    upgraded: false,
    upgrading: false,
    transport: { name: "polling", writable: false },
  });
  const peer = await world.upgrade(session.id);
  peer.receive("2probe");
  expect([session.upgrading, session.upgraded]).toEqual([true, false]);
  peer.receive("5");
  expect([session.upgrading, session.upgraded, session.transport.name, session.transport.writable]).toEqual([
    false,
    true,
    "websocket",
    true,
  ]);
  session.close();
  expect(session.readyState).toBe("closed");
});

test("[E37] a failed upgrade may be tried again, and one is not upgraded by it", async () => {
  const world = new EngineWorld();
  const { session } = await world.openPolling();
  (await world.upgrade(session.id)).drop();
  expect([session.upgrading, session.upgraded]).toEqual([false, false]);
  expect((await world.upgrade(session.id)).state).toBe("open");
});

test("[E37] its request has the query, is the same each time, and may be given up", async () => {
  const world = new EngineWorld();
  await world.request({ query: "EIO=4&transport=polling&a=%20", headers: { cookie: "b=c" } });
  const { session } = world.sessions[0] ?? fail();
  const { request } = session;
  expect(request).toMatchObject({
    method: "GET",
    url: "/engine.io/?EIO=4&transport=polling&a=%20",
    headers: { cookie: "b=c" },
    _query: { transport: "polling", a: " " },
  });
  expect([request.socket.remoteAddress, session.request === request]).toEqual(["192.0.2.1", true]);
  session.request = null;
  expect(session.request).toBeNull();
});

test("[E37] a listener, or a middleware, sees the very request that the session has", async () => {
  const world = new EngineWorld();
  let seen: unknown;
  world.engine.use((request, _response, next) => {
    seen = Object.assign(request, { user: "me" });
    next();
  });
  const polled = await world.openPolling();
  expect(polled.session.request).toBe(seen);
  const { session } = await world.openWebSocket();
  expect(session.request).toBe(seen);
});

test("[E38] events over a WebSocket, in Engine.IO's order", async () => {
  const world = new EngineWorld();
  const { session, peer } = await world.openWebSocket();
  const told = record(session);
  session.send("out");
  peer.receive("4in");
  await world.clock.advance(25_000);
  peer.receive("3");
  peer.drop();
  expect(told).toEqual([
    ...["packetCreate <message:out>", "flush [<message:out>]", "drain"],
    ...["packet <message:in>", "data in", "message in"],
    ...["packetCreate <ping:>", "flush [<ping:>]", "drain", "packet <pong:>", "heartbeat"],
    "close transport close undefined",
  ]);
});

test("[E38] a message is told of before the answer that it brings about", async () => {
  const world = new EngineWorld();
  const { session, peer } = await world.openWebSocket();
  session.listener = { message: () => session.send("answer"), close() {} };
  const told = record(session);
  peer.receive("4ask");
  expect(told.slice(0, 4)).toEqual([
    ...["packet <message:ask>", "data ask", "message ask"],
    "packetCreate <message:answer>",
  ]);
});

test("[E38] events over polling: packets leave together", async () => {
  const world = new EngineWorld();
  const { session } = await world.openPolling();
  const told = record(session);
  session.send("a").send("b");
  await world.get(session.id);
  await world.post(session.id, "4in");
  session.close(true);
  expect(told).toEqual([
    ...["packetCreate <message:a>", "packetCreate <message:b>"],
    ...["flush [<message:a>,<message:b>]", "drain"],
    ...["packet <message:in>", "data in", "message in"],
    "close forced close undefined",
  ]);
});

test("[E38] events of an upgrade", async () => {
  const world = new EngineWorld();
  const { session } = await world.openPolling();
  const told = record(session);
  const peer = await world.upgrade(session.id);
  peer.receive("2probe");
  expect(told).toEqual(["upgrading websocket"]);
  peer.receive("5");
  expect(told).toEqual(["upgrading websocket", "upgrade websocket"]);
});

test("[E38] the engine tells of what leaves any session", async () => {
  const world = new EngineWorld();
  const { session } = await world.openWebSocket();
  const told: unknown[] = [];
  world.engine.on("flush", (from, packets) => told.push(["flush", from.id, packets.length]));
  world.engine.on("drain", (from) => told.push(["drain", from.id]));
  session.send("a");
  expect(told).toEqual([
    ["flush", session.id, 1],
    ["drain", session.id],
  ]);
});

test("[E38] a listener that closes the session while a packet is made keeps it from leaving", async () => {
  const world = new EngineWorld();
  const { session, peer } = await world.openWebSocket();
  session.once("packetCreate", () => session.close());
  session.send("never");
  expect(peer.takeSent()).toEqual([]);
});

test("[E38] what a listener throws is reported and goes no further", async () => {
  const world = new EngineWorld();
  const { session, peer, messages } = await world.openWebSocket();
  session.on("packet", () => {
    throw new Error("mine");
  });
  peer.receive("4a");
  expect([messages, world.errors.map(String)]).toEqual([["a"], ["Error: mine"]]);
});

test("[E39] send and write take options, a callback, or both, and call back when it has left", async () => {
  const world = new EngineWorld();
  const { session, peer } = await world.openWebSocket();
  const left: string[] = [];
  session.send("a", (transport) => left.push(`a ${transport.name}`));
  session.write("b", { compress: false }, (transport) => left.push(`b ${transport.name}`));
  session.send(new Uint8Array([1]), null);
  expect([peer.takeSent(), left]).toEqual([
    ["4a", "4b", new Uint8Array([1])],
    ["a websocket", "b websocket"],
  ]);
});

test("[E39] over polling that is when a poll has fetched it; not at all if the session ends before", async () => {
  const world = new EngineWorld();
  const { session } = await world.openPolling();
  let left = 0;
  session.send("a", () => left++);
  expect(left).toBe(0);
  await world.get(session.id);
  expect(left).toBe(1);
  session.send("b", () => left++);
  session.close(true);
  expect(left).toBe(1);
});

test("[E39] a callback that throws is reported", async () => {
  const world = new EngineWorld();
  const { session } = await world.openWebSocket();
  session.send("a", () => fail());
  expect(world.errors.map(String)).toEqual(["Error: failed"]);
});

test("[E39] close(true) does not wait for a peer that is not polling; without it the rest is handed over", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openPolling();
  session.send("last words");
  session.close();
  expect([session.readyState, closes.length]).toEqual(["closing", 1]);
  expect((await world.get(session.id)).body).toBe("4last words");
  session.close(true);
  expect([session.readyState, closes.length, world.engine.size]).toEqual(["closed", 1, 0]);
});

function fail(): never {
  throw new Error("failed");
}
