import { expect, test } from "vitest";
import { EngineWorld, polling, say, settle } from "../testing/engine-world.ts";
import { TestRequest } from "../testing/test-request.ts";

const PATIENCE_MS = 30_000;

test("[E26] the first answer is the open packet and nothing before it", async () => {
  const world = new EngineWorld();
  world.onSession = ({ session }) => say(session, "hello");
  const answer = await world.request({ query: "EIO=4&transport=polling" });
  expect(answer).toEqual({
    status: 200,
    headers: { "Content-Type": "text/plain; charset=UTF-8", "cache-control": "no-store" },
    body:
      '0{"sid":"id-1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}' +
      "\u001e4hello",
  });
});

test("[E10, T1] a poll waits until something is sent; what one tick sends is one answer, in order", async () => {
  const world = new EngineWorld();
  const { session } = await world.openPolling();
  const poll = world.get(session.id);
  await settle();
  expect(session.writable).toBe(true);
  say(session, "a");
  session.sendPacket({ type: "message", data: Uint8Array.of(1, 2, 3, 4) });
  say(session, "b");
  expect((await poll).body).toBe("4a\u001ebAQIDBA==\u001e4b");
  expect(session.writable).toBe(false);
});

test("[E10] what is sent between two polls waits for the second", async () => {
  const world = new EngineWorld();
  const { session } = await world.openPolling();
  say(session, "a");
  await settle();
  say(session, "b");
  expect((await world.get(session.id)).body).toBe("4a\u001e4b");
});

test("[T2] a poll that finds nothing waiting makes the session writable, and drain says so", async () => {
  const world = new EngineWorld();
  const recorded = await world.openPolling();
  expect([recorded.session.writable, recorded.drains]).toEqual([false, 0]);
  void world.get(recorded.session.id);
  await settle();
  expect([recorded.session.writable, recorded.drains]).toEqual([true, 1]);
});

test("[E11] a second poll while one waits gets 400, the first the close packet, and the session ends", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openPolling();
  const first = world.get(session.id);
  expect((await world.get(session.id)).status).toBe(400);
  expect((await first).body).toBe("1");
  expect(closes).toMatchObject([{ reason: "transport error", cause: { code: "transport_failed" } }]);
  expect((await world.get(session.id)).body).toBe('{"code":1,"message":"Session ID unknown"}');
});

test("[E11] a second POST while one arrives gets 400, and so does the first", async () => {
  const world = new EngineWorld();
  const { session, closes, messages } = await world.openPolling();
  const slow = new TestRequest({ method: "POST", query: polling(session.id) });
  const first = world.engine.request(slow);
  expect((await world.post(session.id, "4b")).status).toBe(400);
  slow.finish("4a");
  expect((await first).status).toBe(400);
  expect(closes.map(({ reason }) => reason)).toEqual(["transport error"]);
  expect(messages).toEqual([]);
});

test("[E50] a poll that comes again when it was answered gets 400, and the session ends: what it had is lost", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openPolling();
  const poll = (t: string) => world.request({ query: `${polling(session.id)}&t=${t}` });
  say(session, "a");
  expect((await poll("0.1")).body).toBe("4a");
  say(session, "b");
  expect((await poll("0.2")).body).toBe("4b");
  expect(closes).toEqual([]);
  expect((await poll("0.2")).status).toBe(400);
  expect(closes).toMatchObject([{ reason: "transport error", cause: { code: "transport_failed" } }]);
});

test("[E50] a POST that comes again when it was answered is answered, and has no effect", async () => {
  const world = new EngineWorld();
  const { session, messages, closes } = await world.openPolling();
  const post = (t: string, body: string) =>
    world.request({ method: "POST", query: `${polling(session.id)}&t=${t}`, body });
  for (const t of ["0.1", "0.2", "0.2", "0.3"]) expect((await post(t, `4${t}`)).body).toBe("ok");
  expect(messages).toEqual(["0.1", "0.2", "0.3"]);
  expect(closes).toEqual([]);
});

test("[E50] who says nothing that makes a request unique may say the same again", async () => {
  const world = new EngineWorld();
  const { session, messages, closes } = await world.openPolling();
  for (const t of ["", "&t=1700000000"]) {
    const query = polling(session.id) + t;
    for (const text of ["a", "b"]) {
      say(session, text);
      expect((await world.request({ query })).body).toBe(`4${text}`);
      expect((await world.request({ method: "POST", query, body: `4${text}` })).body).toBe("ok");
    }
  }
  expect(messages).toEqual(["a", "b", "a", "b"]);
  expect(closes).toEqual([]);
});

test("[E12] a POST delivers its packets in order and is answered ok", async () => {
  const world = new EngineWorld();
  const { session, messages } = await world.openPolling();
  expect(await world.post(session.id, "4a\u001ebAQIDBA==\u001e4é")).toEqual({
    status: 200,
    headers: { "Content-Type": "text/html", "cache-control": "no-store" },
    body: "ok",
  });
  expect(messages).toEqual(["a", Buffer.of(1, 2, 3, 4), "é"]);
});

const badBodies: readonly (readonly [name: string, body: string, code: string])[] = [
  ["an empty one", "", "bad_packet"],
  ["an unknown type", "abc", "bad_packet"],
  ["a bad packet behind a good one", "4a\u001e9", "bad_packet"],
  ["an empty packet", "4a\u001e", "bad_packet"],
  ["bad base64", "b!!!!", "bad_packet"],
  ["more packets than anybody has", `4a${"\u001e6".repeat(20_000)}`, "payload_too_large"],
];
test.each(badBodies)(
  "[E12] a malformed body, %s, delivers nothing and ends the session",
  async (_name, body, code) => {
    const world = new EngineWorld();
    const { session, closes, messages } = await world.openPolling();
    expect((await world.post(session.id, body)).status).toBe(400);
    expect(closes).toMatchObject([{ reason: "parse error", cause: { code } }]);
    expect(messages).toEqual([]);
    expect((await world.get(session.id)).status).toBe(400);
  },
);

test("[E12] a body over the limit is 413, and the session lives", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openPolling();
  const request = new TestRequest({ method: "POST", query: polling(session.id) });
  const answer = world.engine.request(request);
  request.exceed();
  expect((await answer).status).toBe(413);
  expect(closes).toEqual([]);
  expect((await world.post(session.id, "4a")).status).toBe(200);
});

test("[E12] a binary body is answered and ends the session", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openPolling();
  const headers = { "content-type": "application/octet-stream" };
  const answer = await world.request({ method: "POST", query: polling(session.id), headers, body: "4a" });
  expect(answer.status).toBe(400);
  expect(closes.map(({ reason }) => reason)).toEqual(["transport error"]);
});

test("[E12] another method gets 500 and changes nothing", async () => {
  const world = new EngineWorld();
  const { session } = await world.openPolling();
  expect((await world.request({ method: "PUT", query: polling(session.id) })).status).toBe(500);
  expect(session.state).toBe("open");
});

test("[E13] a poll, or a body, that the peer breaks off ends the session", async () => {
  for (const method of ["GET", "POST"]) {
    const world = new EngineWorld();
    const { session, closes } = await world.openPolling();
    const request = new TestRequest({ method, query: polling(session.id) });
    const answer = world.engine.request(request);
    request.abort();
    expect((await answer).status).toBe(400);
    expect(closes.map(({ reason }) => reason)).toEqual(["transport error"]);
    expect(world.engine.size).toBe(0);
  }
});

test("[E14] the peer's close packet ends the session and releases the waiting poll with a noop", async () => {
  const world = new EngineWorld();
  const { session, closes, messages } = await world.openPolling();
  const poll = world.get(session.id);
  expect((await world.post(session.id, "4a\u001e1\u001e4b")).body).toBe("ok");
  expect((await poll).body).toBe("6");
  expect(closes).toEqual([{ reason: "transport close", cause: undefined }]);
  expect(messages).toEqual(["a"]);
});

test("[E14] a close of ours tells the waiting poll at once", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openPolling();
  const poll = world.get(session.id);
  await settle();
  session.close();
  expect(closes).toEqual([{ reason: "forced close", cause: undefined }]);
  expect((await poll).body).toBe("1");
  expect([session.state, world.engine.size, world.clock.pending]).toEqual(["closed", 0, 0]);
});

// Stock clients deliver what a poll brought a turn later, and not at all if the same poll closed them.
test("[E14] what was sent before a close has a poll of its own, and the next one is told", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openPolling();
  const poll = world.get(session.id);
  await settle();
  say(session, "last words");
  session.close();
  expect(closes).toEqual([{ reason: "forced close", cause: undefined }]);
  expect((await poll).body).toBe("4last words");
  expect(session.state).toBe("closing");
  expect((await world.get(session.id)).body).toBe("6\x1e1");
  expect([session.state, world.engine.size, world.clock.pending]).toEqual(["closed", 0, 0]);
});

test("[E14] a close of ours waits for the next poll, but not for ever", async () => {
  const world = new EngineWorld();
  const patient = await world.openPolling();
  const silent = await world.openPolling();
  for (const { session } of [patient, silent]) {
    say(session, "a");
    session.close();
    say(session, "too late");
    expect(session.state).toBe("closing");
  }
  await world.clock.advance(PATIENCE_MS - 1);
  expect((await world.get(patient.session.id)).body).toBe("4a");
  expect((await world.get(patient.session.id)).body).toBe("6\x1e1");
  expect([patient.session.state, silent.session.state]).toEqual(["closed", "closing"]);
  await world.clock.advance(1);
  expect([silent.session.state, world.engine.size]).toEqual(["closed", 0]);
  expect([patient.closes.length, silent.closes.length]).toEqual([1, 1]);
});

test("[E14] what the peer posts while we close is answered and not delivered", async () => {
  const world = new EngineWorld();
  const { session, messages } = await world.openPolling();
  session.close();
  expect((await world.post(session.id, "4a")).status).toBe(200);
  expect(messages).toEqual([]);
});

test("[T1] bytes that the application changes before a poll fetches them leave as they were", async () => {
  const world = new EngineWorld();
  const { session } = await world.openPolling();
  const bytes = Uint8Array.of(1, 2, 3, 4);
  session.sendPacket({ type: "message", data: bytes });
  bytes.fill(9);
  expect((await world.get(session.id)).body).toBe("bAQIDBA==");
});
