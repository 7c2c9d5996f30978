import { expect, test } from "vitest";
import { EngineWorld, polling, say, settle, sse } from "../testing/engine-world.ts";
import { MemoryStream } from "../testing/memory-stream.ts";
import { TestRequest } from "../testing/test-request.ts";

const BEACON_MS = 100;
const OPEN =
  'data:0{"sid":"id-1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}\n';

test("[V2, V3] a GET is answered with a stream whose first event is the open packet", async () => {
  const world = new EngineWorld();
  world.onSession = ({ session }) => say(session, "hello");
  const response = await world.request({ query: "EIO=4&transport=sse" });
  expect(response).toMatchObject({
    status: 200,
    headers: {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-cache, no-store, no-transform",
      "X-Accel-Buffering": "no",
    },
  });
  expect([response.body, response.encoding]).toEqual([undefined, undefined]);
  const stream = new MemoryStream(response).open();
  await settle();
  expect(stream.takeText()).toBe(`${OPEN}data:4hello\n\n`);
  expect(world.sessions[0]?.session.transportName).toBe("sse");
});

test("[V2] CORS, cookies and the listeners of `headers` put theirs beside", async () => {
  const world = new EngineWorld({ cors: { origin: "https://a.example" }, cookie: (id) => `io=${id}` });
  world.engine.on("headers", (headers) => (headers["X-Mine"] = "1"));
  const { headers, open } = await world.request({
    query: "EIO=4&transport=sse",
    headers: { origin: "https://a.example" },
  });
  expect(open).toBeTypeOf("function");
  expect(headers).toMatchObject({
    "Access-Control-Allow-Origin": "https://a.example",
    "Set-Cookie": ["io=id-1"],
    "X-Mine": "1",
    "X-Accel-Buffering": "no",
  });
});

test("[V3] a noop follows after 100 ms, in an event of its own", async () => {
  const world = new EngineWorld();
  const { stream, session } = await world.openSse();
  await world.clock.advance(BEACON_MS - 1);
  expect(stream.takeWrites()).toEqual([]);
  say(session, "a");
  await world.clock.advance(1);
  expect(stream.takeText()).toBe("data:4a\n\ndata:6\n\n");
  await world.clock.advance(10 * BEACON_MS);
  expect(stream.takeText()).toBe("");
});

test("[V1, T1] what one tick sends is one event, in order, bytes as they were", async () => {
  const world = new EngineWorld();
  const { stream, session } = await world.openSse();
  const bytes = Uint8Array.of(1, 2, 3, 4);
  say(session, "a");
  session.sendPacket({ type: "message", data: bytes });
  bytes.fill(9);
  say(session, "line\r\nend");
  await settle();
  expect(stream.takeWrites()).toEqual(['data:4a\ndata:bAQIDBA==\ndata:j"4line\\r\\nend"\n\n']);
});

test("[V1] a broadcast's packet is the same line for everybody", async () => {
  const world = new EngineWorld();
  const [first, second] = [await world.openSse(), await world.openSse()];
  const packet = { type: "message", data: Uint8Array.of(7) } as const;
  for (const { session } of [first, second, first]) session.sendPacket(packet);
  await settle();
  expect([first.stream.takeText(), second.stream.takeText()]).toEqual([
    "data:bBw==\ndata:bBw==\n\n",
    "data:bBw==\n\n",
  ]);
});

test("[V11, T2] a session is writable while little is buffered; `drain` says when it is again", async () => {
  const world = new EngineWorld();
  const { stream, session, ...recorded } = await world.openSse();
  expect([session.writable, session.bufferedAmount]).toEqual([true, 0]);
  stream.bufferedAmount = 64 * 1024;
  expect([session.writable, session.bufferedAmount]).toEqual([false, 64 * 1024]);
  say(session, "abc");
  expect(session.bufferedAmount).toBe(64 * 1024 + 3);
  stream.catchUp();
  expect([session.writable, world.sessions[0]?.drains, recorded.closes]).toEqual([true, 1, []]);
});

test("[V11] of polling and WebSocket it is known as well how much has not left", async () => {
  const world = new EngineWorld();
  const poller = await world.openPolling();
  say(poller.session, "é");
  poller.session.sendPacket({ type: "message", data: new Uint8Array(10) });
  expect(poller.session.bufferedAmount).toBe(12);
  await world.get(poller.session.id);
  expect(poller.session.bufferedAmount).toBe(0);
  const { session, peer } = await world.openWebSocket();
  peer.bufferedAmount = 77;
  expect(session.bufferedAmount).toBe(77);
});

test("[V4] a POST delivers its packets in order, once, however often it is sent", async () => {
  const world = new EngineWorld();
  const { session, messages } = await world.openSse();
  const ok = {
    status: 200,
    headers: { "Content-Type": "text/html", "cache-control": "no-store" },
    body: "ok",
  };
  expect(await world.postSse(session.id, 1, "4a\u001ebAQIDBA==")).toEqual(ok);
  expect(await world.postSse(session.id, 1, "4a\u001ebAQIDBA==")).toEqual(ok);
  expect(await world.postSse(session.id, 2, "4b")).toEqual(ok);
  expect(await world.postSse(session.id, 1, "4something else")).toEqual(ok);
  expect(messages).toEqual(["a", Buffer.of(1, 2, 3, 4), "b"]);
});

test("[V4] a gap is 409, and nothing else happens", async () => {
  const world = new EngineWorld();
  const { session, messages, closes } = await world.openSse();
  for (const seq of [2, 999_999_999_999_999])
    expect((await world.postSse(session.id, seq, "4a")).status).toBe(409);
  expect((await world.postSse(session.id, 1, "4b")).status).toBe(200);
  expect([messages, closes]).toEqual([["b"], []]);
});

test("[V4] the same number twice at the same time is delivered once, whichever arrives first", async () => {
  for (const faster of [0, 1]) {
    const world = new EngineWorld();
    const { session, messages } = await world.openSse();
    const requests = [0, 1].map(() => new TestRequest({ method: "POST", query: `${sse(session.id)}&seq=1` }));
    const answers = requests.map((request) => world.engine.request(request));
    requests[faster]?.finish("4a");
    expect(await answers[faster]).toMatchObject({ body: "ok" });
    expect((await world.postSse(session.id, 2, "4b")).status).toBe(200);
    requests[1 - faster]?.finish("4a");
    expect(await answers[1 - faster]).toMatchObject({ body: "ok" });
    expect(messages).toEqual(["a", "b"]);
  }
});

test("[V5] a POST that breaks off changes nothing, and may be sent again", async () => {
  const world = new EngineWorld();
  const { session, messages, closes } = await world.openSse();
  const request = new TestRequest({ method: "POST", query: `${sse(session.id)}&seq=1` });
  const answer = world.engine.request(request);
  request.abort();
  expect((await answer).status).toBe(400);
  expect(await world.postSse(session.id, 1, "4a")).toMatchObject({ body: "ok" });
  expect([messages, closes]).toEqual([["a"], []]);
});

test("[V5] more than four of a number at the same time are told to wait", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openSse();
  const query = `${sse(session.id)}&seq=1`;
  const requests = Array.from({ length: 4 }, () => new TestRequest({ method: "POST", query }));
  const answers = requests.map((request) => world.engine.request(request));
  expect((await world.postSse(session.id, 1, "4a")).status).toBe(503);
  requests[0]?.abort();
  await answers[0];
  expect((await world.postSse(session.id, 1, "4a")).status).toBe(200);
  expect(closes).toEqual([]);
});

test.each(["", "0", "-1", "1.5", "1e0", "0x1", "01", " 1", "NaN", "Infinity", "9".repeat(30), "1&seq="])(
  "[V5] the number %j is none: 400, and nothing else happens",
  async (seq) => {
    const world = new EngineWorld();
    const { session, messages, closes } = await world.openSse();
    expect((await world.postSse(session.id, seq, "4a")).status).toBe(400);
    expect((await world.request({ method: "POST", query: sse(session.id), body: "4a" })).status).toBe(400);
    expect((await world.postSse(session.id, 1, "4b")).status).toBe(200);
    expect([messages, closes]).toEqual([["b"], []]);
  },
);

test("[V5] a malformed body delivers nothing and ends the session", async () => {
  const world = new EngineWorld();
  const { session, stream, messages, closes } = await world.openSse();
  expect((await world.postSse(session.id, 1, "4a\u001e9")).status).toBe(400);
  expect(closes).toMatchObject([{ reason: "parse error", cause: { code: "bad_packet" } }]);
  expect([messages, stream.takeText(), stream.state]).toEqual([[], "data:1\n\n", "ended"]);
  expect([world.engine.size, world.clock.pending]).toEqual([0, 0]);
});

test("[V5] a body over the limit is 413, and the number is still to come", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openSse();
  const request = new TestRequest({ method: "POST", query: `${sse(session.id)}&seq=1` });
  const answer = world.engine.request(request);
  request.exceed();
  expect((await answer).status).toBe(413);
  expect((await world.postSse(session.id, 1, "4a")).status).toBe(200);
  expect(closes).toEqual([]);
});

test("[V8] a GET that breaks off ends the session", async () => {
  const world = new EngineWorld();
  const { session, stream, closes } = await world.openSse();
  say(session, "lost");
  stream.leave();
  expect(closes).toEqual([{ reason: "transport close", cause: undefined }]);
  await settle();
  expect([world.engine.size, world.clock.pending]).toEqual([0, 0]);
  expect((await world.postSse(session.id, 1, "4a")).body).toBe('{"code":1,"message":"Session ID unknown"}');
});

test("[V8] a peer that leaves before its stream began ends the session as well", async () => {
  const world = new EngineWorld();
  const request = new TestRequest({ query: "EIO=4&transport=sse" });
  const response = await world.engine.request(request);
  expect(world.engine.size).toBe(1);
  request.abort();
  expect([world.engine.size, world.clock.pending, response.status]).toEqual([0, 0, 200]);
  const gone = new TestRequest({ query: "EIO=4&transport=sse" });
  gone.abort();
  await world.engine.request(gone);
  expect([world.engine.size, world.sessions.length]).toEqual([0, 1]);
});

test("[V9] a second GET while one is open gets 400, the first the close packet, and the session ends", async () => {
  for (const from of ["", "&from=0", "&from=1"]) {
    const world = new EngineWorld();
    const { session, stream, closes } = await world.openSse();
    expect((await world.request({ query: sse(session.id) + from })).status).toBe(400);
    expect(stream.takeText()).toBe("data:1\n\n");
    expect(closes).toMatchObject([{ reason: "transport error", cause: { code: "transport_failed" } }]);
    expect([stream.state, world.engine.size, world.clock.pending]).toEqual(["ended", 0, 0]);
  }
});

test("[V10] a close of ours lets leave what was sent, then the close packet, and ends the stream", async () => {
  const world = new EngineWorld();
  const { session, stream, closes } = await world.openSse();
  say(session, "last words");
  session.close();
  say(session, "too late");
  expect(closes).toEqual([{ reason: "forced close", cause: undefined }]);
  expect([stream.takeText(), stream.state]).toEqual(["data:4last words\n\ndata:1\n\n", "ended"]);
  await settle();
  expect([session.state, world.engine.size, world.clock.pending]).toEqual(["closed", 0, 0]);
});

test("[V10] one that waits for nobody is told the close packet as well, unless it reads nothing", async () => {
  const world = new EngineWorld();
  const [reader, sleeper] = [await world.openSse(), await world.openSse()];
  sleeper.stream.bufferedAmount = 1_000_000;
  world.engine.close();
  expect([reader.stream.takeText(), reader.stream.state]).toEqual(["data:1\n\n", "ended"]);
  expect([world.engine.size, world.clock.pending]).toEqual([0, 0]);
  expect([reader.closes.length, sleeper.closes.length, sleeper.stream.state]).toEqual([1, 1, "terminated"]);
});

test("[V10, T6] a session that is given up as its packets leave, and again, ends once", async () => {
  const world = new EngineWorld();
  const { session, stream, closes } = await world.openSse();
  session.send("a", () => session.abandon());
  say(session, "b");
  await settle();
  session.abandon();
  session.transport.discard();
  expect(session.transport.handOver()).toEqual([]);
  expect(closes).toEqual([{ reason: "forced close", cause: undefined }]);
  expect([stream.state, world.engine.size, world.clock.pending, world.errors]).toEqual([
    "terminated",
    0,
    0,
    [],
  ]);
});

test("[V10] the peer's close packet ends the session, and the stream", async () => {
  const world = new EngineWorld();
  const { session, stream, closes, messages } = await world.openSse();
  expect((await world.postSse(session.id, 1, "4a\u001e1\u001e4b")).body).toBe("ok");
  expect(closes).toEqual([{ reason: "transport close", cause: undefined }]);
  expect([messages, stream.state, world.engine.size]).toEqual([["a"], "ended", 0]);
  expect(stream.takeText()).toBe("data:6\n\nevent: end\n\n");
});

test("[V10] a peer that does not answer a ping is cut", async () => {
  const world = new EngineWorld();
  const { stream, closes } = await world.openSse();
  await world.clock.advance(25_000);
  expect(stream.takeText()).toBe("data:6\n\ndata:2\n\n");
  await world.clock.advance(20_000);
  expect([closes.map(({ reason }) => reason), stream.state]).toEqual([["ping timeout"], "terminated"]);
});

test("[V13] requests of another transport, and other methods, change nothing", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openSse();
  const poller = await world.openPolling();
  const mismatch = { status: 400, body: '{"code":3,"message":"Bad request"}' };
  expect(await world.get(session.id)).toMatchObject(mismatch);
  expect(await world.post(session.id, "4a")).toMatchObject(mismatch);
  expect(await world.request({ query: `${sse(poller.session.id)}&from=0` })).toMatchObject(mismatch);
  expect(await world.postSse(poller.session.id, 1, "4a")).toMatchObject(mismatch);
  expect((await world.request({ method: "PUT", query: sse(session.id) })).status).toBe(500);
  expect([closes, poller.closes, session.state, poller.session.state]).toEqual([[], [], "open", "open"]);
});

test("[V13] a server that does not have it refuses as Engine.IO does, and polling tells nothing of it", async () => {
  const world = new EngineWorld({ transports: ["polling", "websocket"] });
  expect(await world.request({ query: "EIO=4&transport=sse" })).toMatchObject({
    status: 400,
    body: '{"code":0,"message":"Transport unknown"}',
  });
  const all = new EngineWorld();
  expect((await all.request({ query: polling("") })).body).toContain('"upgrades":["websocket"]');
  expect((await all.request({ method: "POST", query: "EIO=4&transport=sse" })).body).toContain('"code":2');
  const without = new EngineWorld({ transports: ["sse"] });
  const stream = await without.stream("EIO=4&transport=sse");
  await settle();
  expect(stream.takeText()).toContain('"upgrades":[]');
});
