import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { FakeUwsApp } from "../testing/fake-uws.ts";
import { RecordingHandler } from "../testing/recording-handler.ts";
import { uwsHost } from "./host-uws.ts";
import type { HostOptions, HostRequest } from "./host.ts";

/** Everything here runs on the double that enforces lifetimes; the real one runs the contract suite. */
let app: FakeUwsApp;

function start(options: Partial<HostOptions> = {}): { handler: RecordingHandler; errors: unknown[] } {
  app = new FakeUwsApp();
  const handler = new RecordingHandler();
  const errors: unknown[] = [];
  const defaults: HostOptions = {
    path: "/io",
    maxPayload: 100,
    destroyUpgradeAfterMs: 1000,
    onError: (error) => errors.push(error),
  };
  uwsHost(app).start(handler, { ...defaults, ...options });
  return { handler, errors };
}

afterEach(() => {
  expect(app.violations).toEqual([]);
});

/** A promise and what settles it. */
function deferred<Value>(): { promise: Promise<Value>; resolve(value: Value): void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("[H1] what was copied of a request is there when the native one is gone", async () => {
  const { handler } = start();
  app.request({ url: "/io/?a=1&b=2", headers: [["host", "here"]] });
  await turn();
  const { method, path, query, headers, remoteAddress, secure } = handler.requests[0] as HostRequest;
  expect({ method, path, query, remoteAddress, secure }).toEqual({
    method: "GET",
    path: "/io/",
    query: "a=1&b=2",
    remoteAddress: "127.0.0.1",
    secure: false,
  });
  expect(headers["host"]).toBe("here");
});

test("[H1] a body is copied piece by piece", async () => {
  const { handler } = start();
  handler.answer = async (request) => ({ status: 200, body: await request.body() });
  const call = app.request({ method: "POST", url: "/io", hasBody: true });
  call.send("one ", false);
  call.send("two", true);
  expect((await call.answer).body).toBe("one two");
});

test("[H2] repeated headers are joined, a cookie with a semicolon, and names are only names", () => {
  const { handler } = start();
  const names = ["x-a", "cookie", "user-agent", "__proto__", "constructor"];
  app.request({ url: "/io", headers: names.flatMap((name) => [[name, "1"] as const, [name, "2"] as const]) });
  const { headers } = handler.requests[0] as HostRequest;
  expect(names.map((name) => headers[name])).toEqual(["1, 2", "1; 2", "1", "1, 2", "1, 2"]);
  expect(Object.getPrototypeOf(headers)).toBeNull();
});

test("[H3] an answer after an await is corked, and whole", async () => {
  const { handler } = start();
  const late = deferred<void>();
  handler.answer = () => late.promise.then(() => ({ status: 403, headers: { "X-A": "b" }, body: "no" }));
  const call = app.request({ url: "/io" });
  await turn();
  late.resolve();
  expect(await call.answer).toEqual({
    status: "403 Forbidden",
    headers: [["X-A", "b"]],
    body: "no",
    closesConnection: false,
  });
});

test("[H10] a peer that leaves is told to the request, once, and nothing is written to it", async () => {
  const { handler } = start();
  const late = deferred<void>();
  let aborts = 0;
  handler.answer = (request) => {
    request.onAbort(() => aborts++);
    return late.promise.then(() => ({ status: 200 }));
  };
  app.request({ url: "/io" }).abort();
  late.resolve();
  await turn();
  expect(aborts).toBe(1);
});

test("[H10] who asks after the peer left is told at once", async () => {
  const { handler } = start();
  let aborts = 0;
  handler.answer = async (request) => {
    await turn();
    request.onAbort(() => aborts++);
    return { status: 200 };
  };
  app.request({ url: "/io" }).abort();
  await turn();
  await turn();
  expect(aborts).toBe(1);
});

test("[H10] a peer that leaves while it is being admitted is not opened", async () => {
  const { handler } = start();
  const late = deferred<undefined>();
  handler.admit = () => late.promise;
  app.connect({ url: "/io" }).abort();
  late.resolve(undefined);
  await turn();
  expect(handler.peers).toEqual([]);
});

test("[H9] a body over the limit fails without being kept, also when its length is declared", async () => {
  const { handler } = start({ maxPayload: 10 });
  const codes: unknown[] = [];
  handler.answer = (request) =>
    request.body().then(
      () => ({ status: 200 }),
      (error: { code: string }) => (codes.push(error.code), { status: 413 }),
    );
  const chunked = app.request({ method: "POST", url: "/io", hasBody: true });
  chunked.send("12345678901", false);
  expect((await chunked.answer).status).toBe("413 Payload Too Large");
  const declared = app.request({ method: "POST", url: "/io", headers: [["content-length", "11"]] });
  expect((await declared.answer).status).toBe("413 Payload Too Large");
  expect(codes).toEqual(["payload_too_large", "payload_too_large"]);
});

test("[H9] a body whose length is said twice, or in two ways, is refused unread", async () => {
  const { handler } = start();
  const twice = app.request({
    method: "POST",
    url: "/io",
    headers: [
      ["content-length", "1"],
      ["content-length", "2"],
    ],
  });
  const mixed = app.request({
    method: "POST",
    url: "/io",
    headers: [["content-length", "1"]],
    hasBody: true,
  });
  expect([(await twice.answer).status, (await mixed.answer).status]).toEqual([
    "400 Bad Request",
    "400 Bad Request",
  ]);
  expect(handler.requests).toEqual([]);
});

test("[H5] a handler that throws or rejects is reported, and its request is answered with 500", async () => {
  const { handler, errors } = start();
  handler.answer = () => {
    throw new Error("at once");
  };
  expect((await app.request({ url: "/io" }).answer).status).toBe("500 Internal Server Error");
  handler.answer = () => Promise.reject(new Error("later"));
  expect((await app.request({ url: "/io" }).answer).status).toBe("500 Internal Server Error");
  handler.admit = () => Promise.reject(new Error("on an upgrade"));
  expect((await app.connect({ url: "/io" }).answer).status).toBe("500 Internal Server Error");
  expect(errors.map(String)).toEqual(["Error: at once", "Error: later", "Error: on an upgrade"]);
});

test("[H5] a listener that throws is reported, and the WebSocket goes on", () => {
  const { handler, errors } = start();
  const { client } = app.connect({ url: "/io" });
  const [recorded] = handler.peers;
  if (!recorded || !client) throw new Error("not open");
  recorded.onMessage = () => {
    throw new Error("mine");
  };
  client.say("one");
  client.say("two");
  expect(errors).toHaveLength(2);
  expect(recorded.messages).toEqual(["one", "two"]);
});

test("[H1] a message is the listener's own after the callback", async () => {
  const { handler } = start();
  const { client } = app.connect({ url: "/io" });
  client?.say("text");
  client?.say(Uint8Array.of(1, 2, 3));
  await turn();
  expect(handler.peers[0]?.messages).toEqual(["text", Buffer.of(1, 2, 3)]);
});

test("[H8] frames of one turn leave in one write, in the order of the calls", async () => {
  const { handler } = start();
  const { client } = app.connect({ url: "/io" });
  const peer = handler.peers[0]?.peer;
  peer?.send("a");
  peer?.send(Uint8Array.of(1));
  peer?.send("b");
  expect(peer?.bufferedAmount).toBe(3);
  await turn();
  peer?.send("c");
  await turn();
  expect(client?.writes).toEqual([["a", Uint8Array.of(1), "b"], ["c"]]);
  expect(peer?.bufferedAmount).toBe(0);
});

test("[H8] a close leaves behind what was sent before it", () => {
  const { handler } = start();
  const { client } = app.connect({ url: "/io" });
  const peer = handler.peers[0]?.peer;
  peer?.send("last words");
  peer?.close(1000, "");
  expect(client?.frames).toEqual(["last words"]);
  expect(client?.closedByServer).toBe(1000);
});

test("[H4] the end is reported once, and not from within the call that brings it about", async () => {
  const { handler } = start();
  app.connect({ url: "/io" });
  const [recorded] = handler.peers;
  recorded?.peer.close(1000, "");
  expect(recorded?.closes).toEqual([]);
  recorded?.peer.close(1000, "");
  recorded?.peer.terminate();
  await turn();
  expect(recorded?.closes).toEqual([{ code: 1000, error: undefined }]);
});

test("[H4] a peer that is closed inside `open` is reported as closed when there is a listener", async () => {
  const { handler } = start();
  handler.onOpen = ({ peer }) => peer.close(1000, "");
  app.connect({ url: "/io" });
  await turn();
  expect(handler.peers[0]?.closes).toEqual([{ code: 1000, error: undefined }]);
});

test("[H4] only a broken rule has an error: a link that is cut is no fault of the peer", async () => {
  const { handler } = start();
  const whys = ["Received too big message", "Received TCP FIN before WebSocket close frame", ""];
  for (const why of whys) app.connect({ url: "/io" }).client?.drop(why);
  await turn();
  expect(handler.peers.map(({ closes }) => closes[0]?.error?.message)).toEqual([
    whys[0],
    undefined,
    undefined,
  ]);
});

test("[H7] after the end every method does nothing", async () => {
  const { handler } = start();
  const { client } = app.connect({ url: "/io" });
  const peer = handler.peers[0]?.peer;
  peer?.send("too late to leave");
  client?.leave(1001);
  peer?.send("a");
  peer?.close(1000, "");
  peer?.terminate();
  await turn();
  expect(peer?.bufferedAmount).toBe(0);
  expect(client?.frames).toEqual([]);
});

test("[H8] drain is reported when nothing waits any more", () => {
  const { handler } = start();
  const { client } = app.connect({ url: "/io" });
  const [recorded] = handler.peers;
  if (!client || !recorded) throw new Error("not open");
  client.buffered = 1000;
  expect(recorded.peer.bufferedAmount).toBe(1000);
  client.catchUp();
  expect(recorded.drains).toBe(1);
});

test("[H12] stop closes the app, answers nobody any more, and may be called twice", async () => {
  app = new FakeUwsApp();
  const link = uwsHost(app).start(new RecordingHandler(), {
    path: "/io",
    maxPayload: 100,
    destroyUpgradeAfterMs: false,
    onError() {},
  });
  const stopped = link.stop();
  expect((await app.request({ url: "/io" }).answer).status).toBe("503 Service Unavailable");
  expect(link.stop()).toBe(stopped);
  await stopped;
  expect(app.isClosed).toBe(true);
});

test("[H6] a path that uWS would take for a pattern is refused at once", () => {
  app = new FakeUwsApp();
  const options = { maxPayload: 1, destroyUpgradeAfterMs: false, onError() {} } as const;
  expect(() => uwsHost(app).start(new RecordingHandler(), { ...options, path: "/io/:id" })).toThrow(
    "pattern",
  );
});

test("[H15] an answer through a response that was looked at leaves late, corked and once", async () => {
  const { handler } = start();
  const late = deferred<void>();
  handler.answer = async ({ outgoing }) => {
    outgoing.setHeader("X-Set", ["1", "2"]);
    await late.promise;
    return { status: 403, headers: { "X-A": "b" }, body: "no" };
  };
  const call = app.request({ url: "/io" });
  late.resolve();
  expect(await call.answer).toMatchObject({
    status: "403 Forbidden",
    headers: [
      ["x-set", "1"],
      ["x-set", "2"],
      ["x-a", "b"],
    ],
    body: "no",
  });
});

test("[H15] a response closes when its peer leaves, and what is written to it then goes nowhere", async () => {
  const { handler } = start();
  const late = deferred<void>();
  const heard: string[] = [];
  handler.answer = async ({ outgoing }) => {
    outgoing.once("close", () => heard.push("close"));
    await late.promise;
    outgoing.end("to nobody");
    return { status: 200 };
  };
  const call = app.request({ url: "/io" });
  await turn();
  call.abort();
  expect(heard).toEqual(["close"]);
  late.resolve();
  await turn();
});

test("[H15] an upgrade that is refused while it waits, by its response or by its peer, is not opened", async () => {
  const { handler } = start();
  const late = deferred<void>();
  handler.admit = async ({ outgoing }) => {
    outgoing.writeHead(402).end("pay");
    await late.promise;
    return undefined;
  };
  const call = app.connect({ url: "/io" });
  expect(await call.answer).toMatchObject({ status: "402 Payment Required", body: "pay" });
  late.resolve();
  await turn();
  expect([call.client, handler.peers]).toEqual([undefined, []]);
});

test("[H17] a body that is compressed while its peer leaves goes nowhere", async () => {
  const { handler, errors } = start();
  handler.answer = () => ({ status: 200, body: "x".repeat(1000), encoding: { name: "gzip" } });
  const call = app.request({ url: "/io" });
  call.abort();
  // One that began later is done: so is that of the answer.
  await promisify(gzip)("x".repeat(10_000));
  await turn();
  expect(errors).toEqual([]);
});

test("[H18] a frame has left when nothing is buffered any more, and never if its peer leaves before", async () => {
  const { handler } = start();
  const left: string[] = [];
  const client = app.connect({ url: "/io" }).client ?? fail();
  const { peer } = handler.peers[0] ?? fail();
  peer.send("a", { sent: () => left.push("a") });
  expect(left).toEqual([]);
  await turn();
  expect(left).toEqual(["a"]);
  client.buffered = 10;
  peer.send("b", { sent: () => left.push("b") });
  await turn();
  expect(left).toEqual(["a"]);
  client.catchUp();
  expect(left).toEqual(["a", "b"]);
  client.buffered = 10;
  peer.send("c", { sent: () => left.push("c") });
  await turn();
  client.leave(1000);
  expect(left).toEqual(["a", "b"]);
});

function fail(): never {
  throw new Error("there is none");
}
