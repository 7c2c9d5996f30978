import { expect, test } from "vitest";
import { EngineWorld, say, settle, sse } from "../testing/engine-world.ts";
import type { MemoryStream } from "../testing/memory-stream.ts";

const MAX_AGE_MS = 5000;
const REST_MS = 10_000;
const SETTINGS = { sse: { maxAgeMs: MAX_AGE_MS, maxBytes: 1000 } };
/** The open packet and the noop after it. */
const FIRST = 2;

/** The packets in a text, as they stand there. */
function packetsOf(text: string): string[] {
  return [...text.matchAll(/^data:(.*)$/gm)].map(([, packet = ""]) => packet);
}

async function rested(): Promise<Awaited<ReturnType<EngineWorld["openSse"]>> & { world: EngineWorld }> {
  const world = new EngineWorld(SETTINGS);
  const recorded = await world.openSse();
  await world.clock.advance(MAX_AGE_MS);
  expect([recorded.stream.takeText(), recorded.stream.state]).toEqual(["data:6\n\nevent: end\n\n", "ended"]);
  await settle();
  return { ...recorded, world };
}

test("[V6] an answer that is old ends with `end`, after all that was sent", async () => {
  const world = new EngineWorld(SETTINGS);
  const { session, stream, closes } = await world.openSse();
  await world.clock.advance(MAX_AGE_MS - 1);
  stream.takeText();
  say(session, "a");
  await world.clock.advance(1);
  expect([stream.takeText(), stream.state]).toEqual(["data:4a\n\nevent: end\n\n", "ended"]);
  await settle();
  expect([session.state, closes, session.writable]).toEqual(["open", [], false]);
});

test("[V6] so does one that has become long", async () => {
  const world = new EngineWorld(SETTINGS);
  const { session, stream } = await world.openSse();
  say(session, "x".repeat(500));
  await settle();
  expect(stream.state).toBe("open");
  say(session, "é".repeat(200));
  say(session, "b");
  await settle();
  expect(stream.takeText()).toMatch(/xxx\n\ndata:4é+\ndata:4b\n\nevent: end\n\n$/);
});

test("[V6] while its peer is behind it goes on, so that there is time for the rest", async () => {
  const world = new EngineWorld(SETTINGS);
  const { session, stream, ...recorded } = await world.openSse();
  stream.bufferedAmount = 64 * 1024;
  await world.clock.advance(MAX_AGE_MS);
  say(session, "a");
  await settle();
  expect([packetsOf(stream.takeText()), stream.state]).toEqual([["6", "4a"], "open"]);
  stream.catchUp();
  expect([stream.takeText(), stream.state, recorded.closes]).toEqual(["event: end\n\n", "ended", []]);
});

test("[V6] whoever closes a session when its last packets have left ends it, and it does not rest", async () => {
  const world = new EngineWorld(SETTINGS);
  const { session, stream, closes } = await world.openSse();
  await world.clock.advance(MAX_AGE_MS - 1);
  stream.takeText();
  session.send("a", () => session.close());
  const advanced = world.clock.advance(1);
  await advanced;
  expect(stream.takeText()).toBe("data:4a\n\ndata:1\n\n");
  expect([stream.state, closes.length, session.state, world.clock.pending]).toEqual([
    "ended",
    1,
    "closed",
    0,
  ]);
  // The same where the answer is too long.
  const next = await world.openSse();
  next.session.send("x".repeat(2000), () => next.session.close());
  await settle();
  expect(next.stream.takeText()).toMatch(/x\n\ndata:1\n\n$/);
  expect([next.session.state, world.clock.pending, world.errors]).toEqual(["closed", 0, []]);
});

test("[V7] who has got everything goes on with what was sent meanwhile", async () => {
  const { world, session, closes } = await rested();
  say(session, "a");
  await world.postSse(session.id, 1, "4up");
  say(session, "b");
  expect([session.writable, session.bufferedAmount]).toEqual([false, 2]);
  const stream = await world.next(session.id, FIRST);
  await settle();
  expect(stream.takeText()).toBe(":\n\ndata:4a\ndata:4b\n\n");
  say(session, "c");
  await settle();
  expect([stream.takeText(), session.writable, closes]).toEqual(["data:4c\n\n", true, []]);
  expect([world.sessions[0]?.messages, world.sessions[0]?.drains]).toEqual([["up"], 1]);
});

test("[V7] an answer that goes on says something at once, so that its head leaves", async () => {
  const { world, session } = await rested();
  const stream = await world.next(session.id, FIRST);
  expect(stream.takeText()).toBe(":\n\n");
});

test.each(["0", "1", "3", "-2", "", "2.0", "02", "NaN", "1e0"])(
  "[V7] from %j, where two packets were sent, is 410, and the session ends",
  async (from) => {
    const { world, session, closes } = await rested();
    expect((await world.request({ query: `${sse(session.id)}&from=${from}` })).status).toBe(410);
    expect(closes).toMatchObject([{ reason: "transport error", cause: { code: "transport_failed" } }]);
    expect([world.engine.size, world.clock.pending]).toEqual([0, 0]);
  },
);

test("[V7] who does not come back within 10 s has left", async () => {
  const { world, closes } = await rested();
  await world.clock.advance(REST_MS - 1);
  expect(closes).toEqual([]);
  await world.clock.advance(1);
  expect(closes).toEqual([{ reason: "transport close", cause: undefined }]);
  expect([world.engine.size, world.clock.pending]).toEqual([0, 0]);
});

test("[V7] a link that breaks before the end of the stream was read loses nothing in silence", async () => {
  const world = new EngineWorld(SETTINGS);
  const { session, stream } = await world.openSse();
  say(session, "a");
  await world.clock.advance(MAX_AGE_MS);
  // It got the open packet, and the rest was lost with the link.
  stream.leave();
  expect(session.state).toBe("open");
  expect((await world.request({ query: `${sse(session.id)}&from=1` })).status).toBe(410);
  expect(session.state).toBe("closed");
});

test("[V9] of two GETs that go on the newer wins, if its peer has got everything", async () => {
  const { world, session, closes } = await rested();
  const lost = await world.next(session.id, FIRST);
  const stream = await world.next(session.id, FIRST);
  expect(lost.state).toBe("terminated");
  say(session, "a");
  await settle();
  expect([packetsOf(lost.takeText()), packetsOf(stream.takeText()), closes]).toEqual([[], ["4a"], []]);
  // Of the one that was replaced nothing matters any more.
  lost.leave();
  expect(session.state).toBe("open");
  expect((await world.request({ query: `${sse(session.id)}&from=${FIRST}` })).status).toBe(400);
  expect([closes.map(({ reason }) => reason), stream.takeText()]).toEqual([
    ["transport error"],
    "data:1\n\n",
  ]);
});

test("[V10] a close while nobody reads waits for the next GET, but not for ever", async () => {
  for (const comes of [true, false]) {
    const { world, session, closes } = await rested();
    say(session, "a");
    session.close();
    say(session, "too late");
    expect([closes.map(({ reason }) => reason), session.state]).toEqual([["forced close"], "closing"]);
    if (comes) {
      const stream = await world.next(session.id, FIRST);
      expect([stream.takeText(), stream.state]).toEqual([":\n\ndata:4a\n\ndata:1\n\n", "ended"]);
      await settle();
    } else await world.clock.advance(REST_MS);
    expect([session.state, closes.length, world.engine.size, world.clock.pending]).toEqual([
      "closed",
      1,
      0,
      0,
    ]);
  }
});

test("[V6, V7] rotation every few milliseconds under load loses, doubles and reorders nothing", async () => {
  const world = new EngineWorld({ sse: { maxAgeMs: 3, maxBytes: 400 } });
  const { session, closes, messages, ...first } = await world.openSse();
  let stream: MemoryStream = first.stream;
  const down: string[] = [];
  let got = 1;
  let gets = 1;
  let seq = 0;
  const read = (): void => {
    const packets = packetsOf(stream.takeText());
    got += packets.length;
    down.push(...packets.filter((packet) => packet.startsWith("4")));
  };
  for (let index = 0; index < 3000; index++) {
    say(session, `${index}:${"x".repeat(index % 97)}`);
    if (index % 7 === 0) await world.postSse(session.id, ++seq, `4up ${seq}`);
    if (index % 5 === 0) await world.clock.advance(1);
    if (stream.state !== "ended" || index % 3 === 0) continue;
    read();
    stream = await world.next(session.id, got);
    gets++;
  }
  await settle();
  read();
  expect(down).toEqual(Array.from({ length: 3000 }, (_, index) => `4${index}:${"x".repeat(index % 97)}`));
  expect(messages).toEqual(Array.from({ length: seq }, (_, index) => `up ${index + 1}`));
  expect(gets).toBeGreaterThan(200);
  expect([closes, session.state]).toEqual([[], "open"]);
});
