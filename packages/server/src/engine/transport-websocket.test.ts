import { expect, test } from "vitest";
import { EngineWorld, say } from "../testing/engine-world.ts";

test("[E26] the open packet is the first frame, and offers no upgrade", async () => {
  const world = new EngineWorld();
  world.onSession = ({ session }) => say(session, "hello");
  const peer = await world.connect("EIO=4&transport=websocket");
  expect(peer.takeSent()).toEqual([
    '0{"sid":"id-1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
    "4hello",
  ]);
});

test("[T4] a packet is a frame, and bytes have no type in front", async () => {
  const world = new EngineWorld();
  const { session, peer, messages } = await world.openWebSocket();
  say(session, "a");
  session.sendPacket({ type: "message", data: Uint8Array.of(1) });
  expect(peer.takeSent()).toEqual(["4a", Uint8Array.of(1)]);
  peer.receive("4b");
  peer.receive(Uint8Array.of(2));
  expect(messages).toEqual(["b", Uint8Array.of(2)]);
});

test("[T4] sessions that get the same packet get the same frame", async () => {
  const world = new EngineWorld();
  const [one, two] = [await world.openWebSocket(), await world.openWebSocket()];
  const data = Uint8Array.of(1, 2);
  const packet = { type: "message", data } as const;
  one.session.sendPacket(packet);
  two.session.sendPacket(packet);
  expect(one.peer.takeSent()[0]).toBe(two.peer.takeSent()[0]);
});

test("[T4] bytes that the application changes after it sent them leave as they were", async () => {
  const world = new EngineWorld();
  const { session, peer } = await world.openWebSocket();
  const data = Uint8Array.of(1, 2);
  session.sendPacket({ type: "message", data });
  data.fill(9);
  session.sendPacket({ type: "message", data });
  expect(peer.takeSent()).toEqual([Uint8Array.of(1, 2), Uint8Array.of(9, 9)]);
});

test.each(["", "x", "9", "{}"])("[E25] a frame that is no packet ends the session: %j", async (frame) => {
  const world = new EngineWorld();
  const { peer, closes } = await world.openWebSocket();
  peer.receive(frame);
  expect(closes).toMatchObject([{ reason: "parse error", cause: { code: "bad_packet" } }]);
  expect([peer.state, world.engine.size]).toEqual(["closed", 0]);
});

test("[E25] the peer's close packet ends the session, and the WebSocket with it", async () => {
  const world = new EngineWorld();
  const { peer, closes } = await world.openWebSocket();
  peer.receive("1");
  expect(closes).toEqual([{ reason: "transport close", cause: undefined }]);
  expect(peer.state).toBe("closed");
});

test("[E25] a ping of the client is against the rules", async () => {
  const world = new EngineWorld();
  const { peer, closes } = await world.openWebSocket();
  peer.receive("2");
  expect(closes.map(({ reason }) => reason)).toEqual(["transport error"]);
  expect(peer.state).toBe("closed");
});

test("[E25] open, upgrade and noop packets of the client are ignored", async () => {
  const world = new EngineWorld();
  const { peer, session, messages } = await world.openWebSocket();
  for (const frame of ["0", "5", "6", "3"]) peer.receive(frame);
  expect([session.state, messages]).toEqual(["open", []]);
});

test("[E25] a link that ends is a transport close, one that broke a rule a transport error", async () => {
  const world = new EngineWorld();
  const gone = await world.openWebSocket();
  gone.peer.drop();
  const broken = await world.openWebSocket();
  const error = new Error("Max payload size exceeded");
  broken.peer.listener?.closed(1009, error);
  expect([...gone.closes, ...broken.closes]).toEqual([
    { reason: "transport close", cause: undefined },
    { reason: "transport error", cause: error },
  ]);
});

test("[T2] a peer that does not keep up makes the session unwritable until it drained", async () => {
  const world = new EngineWorld();
  const recorded = await world.openWebSocket();
  const { session, peer } = recorded;
  expect(session.writable).toBe(true);
  peer.bufferedAmount = 64 * 1024;
  expect(session.writable).toBe(false);
  say(session, "waits in the host");
  expect(peer.takeSent()).toEqual(["4waits in the host"]);
  peer.bufferedAmount = 0;
  peer.listener?.drain();
  expect([session.writable, world.sessions[0]?.drains]).toEqual([true, 1]);
});

test("[T5] after our close nothing is sent or delivered, and the session ends with the WebSocket", async () => {
  const world = new EngineWorld();
  const { session, peer, closes, messages } = await world.openWebSocket();
  // A peer that takes its time to answer the close frame.
  peer.close = () => {};
  session.close();
  expect([session.state, world.engine.size]).toEqual(["closing", 1]);
  say(session, "late");
  peer.receive("4late");
  expect([peer.takeSent(), messages]).toEqual([[], []]);
  peer.drop();
  expect([session.state, world.engine.size, closes.length]).toEqual(["closed", 0, 1]);
});
