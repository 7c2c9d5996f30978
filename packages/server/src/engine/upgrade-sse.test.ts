import { expect, test } from "vitest";
import { EngineWorld, type RecordedSession, say, settle, sse } from "../testing/engine-world.ts";
import type { MemoryPeer } from "../testing/memory-host.ts";
import type { MemoryStream } from "../testing/memory-stream.ts";

const TIMEOUT_MS = 10_000;
const LAST = "data:6\n\nevent: end\n\n";

interface Probing extends RecordedSession {
  readonly world: EngineWorld;
  readonly peer: MemoryPeer;
  readonly stream: MemoryStream;
}

/** A session over server-sent events, and a WebSocket that is about to take over. */
async function probing(world: EngineWorld = new EngineWorld()): Promise<Probing> {
  const recorded = await world.openSse();
  await world.clock.advance(100);
  recorded.stream.takeText();
  const peer = await world.upgrade(recorded.session.id);
  return Object.assign(recorded, { world, peer });
}

test("[V12] a probe is answered, and the stream goes on untouched", async () => {
  const { world, peer, stream, session, messages } = await probing();
  const timers = world.clock.pending;
  peer.receive("2probe");
  expect(peer.takeSent()).toEqual(["3probe"]);
  // Nobody waits to be released.
  expect(world.clock.pending).toBe(timers);
  say(session, "a");
  await world.clock.advance(1000);
  await world.postSse(session.id, 1, "4b");
  expect([stream.takeText(), peer.takeSent(), messages]).toEqual(["data:4a\n\n", [], ["b"]]);
  expect(session.upgrading).toBe(true);
});

test("[V12, T6] at the switch the stream sends what it has, says so and ends; what is new goes over the WebSocket", async () => {
  const { world, peer, stream, session, messages, upgrades, closes } = await probing();
  peer.receive("2probe");
  peer.takeSent();
  say(session, "a");
  session.sendPacket({ type: "message", data: Uint8Array.of(1) });
  peer.receive("5");
  say(session, "b");
  expect([stream.takeText(), stream.state]).toEqual([`data:4a\ndata:bAQ==\n\n${LAST}`, "ended"]);
  expect(peer.takeSent()).toEqual(["4b"]);
  peer.receive("4c");
  expect([messages, upgrades, session.transportName]).toEqual([["c"], ["websocket"], "websocket"]);
  await settle();
  stream.leave();
  expect([closes, session.state]).toEqual([[], "open"]);
  expect((await world.postSse(session.id, 1, "4d")).status).toBe(400);
  expect([session.state, messages]).toEqual(["open", ["c"]]);
});

test("[V12] between two streams what waits goes over the WebSocket", async () => {
  const { world, peer, stream, session } = await probing(
    new EngineWorld({ sse: { maxAgeMs: 5000, maxBytes: 1000 } }),
  );
  peer.receive("2probe");
  peer.takeSent();
  await world.clock.advance(4900);
  expect(stream.takeText()).toBe("event: end\n\n");
  say(session, "a");
  peer.receive("5");
  say(session, "b");
  expect(peer.takeSent()).toEqual(["4a", "4b"]);
  // It was on its way.
  const late = await world.request({ query: `${sse(session.id)}&from=2` });
  expect([late.status, late.body, late.open]).toEqual([200, "event: end\n\n", undefined]);
  expect(late.headers).toMatchObject({ "Content-Type": "text/event-stream; charset=utf-8" });
  expect(
    (await world.request({ method: "POST", query: `${sse(session.id)}&seq=1`, body: "4x" })).status,
  ).toBe(400);
  expect((await world.get(session.id)).status).toBe(400);
  await world.clock.advance(20_000);
  expect(session.state).toBe("open");
});

test("[V12] a failed upgrade leaves the stream as it is, as often as it is tried", async () => {
  const { world, stream, session, closes, ...first } = await probing();
  let { peer } = first;
  const failures: readonly (() => unknown)[] = [
    () => peer.drop(),
    () => peer.receive("2probe") ?? peer.receive("4too early"),
    () => peer.receive("5"),
    () => peer.receive("nonsense"),
    () => world.clock.advance(TIMEOUT_MS),
  ];
  for (const failing of failures) {
    expect(session.upgrading).toBe(true);
    await failing();
    expect([peer.state, session.upgrading]).toEqual(["closed", false]);
    say(session, "a");
    await settle();
    expect(stream.takeText()).toBe("data:4a\n\n");
    peer = await world.upgrade(session.id);
  }
  peer.receive("2probe");
  peer.receive("5");
  say(session, "b");
  expect([peer.takeSent(), stream.takeText(), closes]).toEqual([["3probe", "4b"], LAST, []]);
});

test("[V12] a close in the midst of an upgrade is told over the stream", async () => {
  const { peer, stream, session, closes } = await probing();
  peer.receive("2probe");
  say(session, "a");
  session.close();
  await settle();
  expect([stream.takeText(), stream.state]).toEqual(["data:4a\n\ndata:1\n\n", "ended"]);
  expect([closes.length, session.state, peer.state]).toEqual([1, "closed", "closed"]);
});

test("[V12] a stream that is to be slow to its end does not hold the session up", async () => {
  const { world, peer, stream, session } = await probing();
  stream.bufferedAmount = 1_000_000;
  peer.receive("2probe");
  peer.receive("5");
  expect([session.bufferedAmount, session.writable]).toEqual([0, true]);
  session.close();
  expect([stream.state, world.engine.size, world.clock.pending]).toEqual(["ended", 0, 0]);
});
