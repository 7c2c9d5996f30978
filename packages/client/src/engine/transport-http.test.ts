import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { resolveOptions } from "../options-resolve.ts";
import type { ClientOptions } from "../options.ts";
import { acceptStream, type FakeEnv, fakeEnv, type FakeRequest, openPacket } from "../testing/fake-env.ts";
import { Session } from "./session.ts";
import { HttpTransport } from "./transport-http.ts";

let clock: VirtualClock;
let env: FakeEnv;
let log: unknown[];
let session: Session;

beforeEach(() => {
  clock = virtualClock();
  env = fakeEnv(clock);
  log = [];
});

/** A session over a stream; `changes` are those of its handshake. */
function openStream(
  options: ClientOptions = {},
  changes: Parameters<typeof acceptStream>[1] = {},
): FakeRequest {
  const resolved = resolveOptions("http://server", { env, transports: ["sse"], ...options });
  session = new Session(resolved, {
    opened: () => log.push("opened"),
    failed: (error) => log.push(error.message),
    frame: (frame) => log.push(frame),
    pinged: () => log.push("ping"),
    upgraded: () => log.push("upgraded"),
    closed: (reason, description) => log.push(`${reason}: ${description}`),
  });
  const stream = acceptStream(env, changes);
  expect(log).toEqual(["opened"]);
  log.length = 0;
  return stream;
}

function query(request: FakeRequest): Record<string, string> {
  const { t, ...others } = Object.fromEntries(request.url.searchParams);
  expect(t).toBeDefined();
  return others;
}

function posts(): FakeRequest[] {
  return env.requests.filter(({ init }) => init.method === "POST");
}

describe("a session over a stream", () => {
  test("[V30] opens with a GET, whose answer goes on", () => {
    const stream = openStream();
    expect(query(stream)).toEqual({ EIO: "4", transport: "sse" });
    expect(session).toMatchObject({ id: "engine-sid", readyState: "open", transport: { name: "sse" } });
    stream.stream("data:4a\ndata:4b\n\ndata:bAQ");
    stream.stream("ID\n\n");
    expect(log).toEqual(["a", "b", new Uint8Array([1, 2, 3])]);
    expect(env.requests).toHaveLength(1);
  });

  test("[V30] the heartbeat is as over others", async () => {
    const stream = openStream();
    stream.stream("data:2\n\n");
    expect(env.request("POST").init.body).toBe("3");
    stream.stream("data:1\n\n");
    expect(log).toEqual(["ping", "transport close: closed by the server"]);
    expect(stream.init.signal.aborted).toBe(true);
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  test("[V32] a response that says that it ends is followed by another, behind the last packet", async () => {
    const stream = openStream();
    stream.stream("data:4a\ndata:4b\n\ndata:6\n\nevent: end\n\n");
    expect(env.requests).toHaveLength(1); // it is not over yet
    stream.answer("");
    await clock.advance(0);
    const next = env.request("GET");
    expect(query(next)).toEqual({ EIO: "4", transport: "sse", sid: "engine-sid", from: "5" });
    next.stream("data:4c\n\nevent: end\n\n");
    next.answer("");
    await clock.advance(0);
    expect(env.request("GET").url.searchParams.get("from")).toBe("6");
    expect(log).toEqual(["a", "b", "c"]);
  });

  test.each<[string, (stream: FakeRequest) => void, string]>([
    [
      "ends without saying so",
      (stream) => stream.answer(""),
      "transport error: GET failed: Error: stream cut",
    ],
    ["breaks off", (stream) => stream.fail(new Error("reset")), "transport error: GET failed: Error: reset"],
  ])("[V32] a response that %s ends the session", async (_what, happens, end) => {
    const stream = openStream();
    stream.stream("data:4a\n\ndata:4b");
    happens(stream);
    await clock.advance(0);
    expect(log).toEqual(["a", end]);
    expect(env.requests).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test("[V32] 410 for what is gone ends the session", async () => {
    const stream = openStream();
    stream.stream("event: end\n\n");
    stream.answer("");
    await clock.advance(0);
    env.request("GET").answer("gone", 410);
    await clock.advance(0);
    expect(log).toEqual(["transport error: GET failed: HTTP 410 gone"]);
  });

  test("[V31] half a line of one response is not continued by the next", async () => {
    const stream = openStream();
    stream.stream("event: end\n\ndata:4half");
    stream.answer("");
    await clock.advance(0);
    env.request("GET").stream("data:4whole\n\n");
    expect(log).toEqual(["whole"]);
  });

  test.each(["data:\n\n", "data:9\n\n", "data:j\n\n"])("[C12] %j closes with a parse error", (text) => {
    openStream().stream(`data:4a\n${text}`);
    expect(log).toEqual([expect.stringMatching(/^parse error: /)]);
  });
});

describe("POSTs beside a stream", () => {
  test("[V33] are numbered from 1, one at a time; what comes meanwhile goes together", async () => {
    openStream();
    session.send(["1"]);
    session.send(["2"]);
    session.send(["3"]);
    expect(posts()).toHaveLength(1);
    expect(query(env.request("POST"))).toEqual({ EIO: "4", transport: "sse", sid: "engine-sid", seq: "1" });
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(env.request("POST").init.body).toBe("42\x1e43");
    expect(env.request("POST").url.searchParams.get("seq")).toBe("2");
  });

  test("[V33] one without an answer, or with a 5xx, is repeated as it was", async () => {
    openStream();
    session.send(["x"]);
    session.send(["y"]);
    env.request("POST").fail(new Error("reset"));
    await clock.advance(99);
    expect(posts()).toHaveLength(1);
    await clock.advance(1);
    env.request("POST").answer("bad gateway", 502);
    await clock.advance(200);
    env.request("POST").answer("ok");
    await clock.advance(0);
    const sent = posts().map(({ init, url }) => [init.body, url.searchParams.get("seq")]);
    expect(sent).toEqual([
      ["4x", "1"],
      ["4x", "1"],
      ["4x", "1"],
      ["4y", "2"],
    ]);
    expect(log).toEqual([]);
  });

  test("[V33] one that fails five times ends the session", async () => {
    openStream().stream("data:6\n\n");
    session.send(["x"]);
    for (let failure = 0; failure < 5; failure++) {
      env.request("POST").fail(new Error("reset"));
      await clock.advance(1000);
    }
    expect(log).toEqual(["transport error: POST failed: Error: reset"]);
    expect(posts()).toHaveLength(5);
    expect(clock.pending).toBe(0);
  });

  test("[V33] one that is refused ends the session, and the server is told", async () => {
    openStream();
    session.send(["x"]);
    env.request("POST").answer("too large", 413);
    await clock.advance(0);
    expect(env.request("POST").init.body).toBe("1");
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(log).toEqual(["transport error: POST failed: HTTP 413 too large"]);
    expect(env.requests.every(({ isOver }) => isOver)).toBe(true);
  });

  test("[V33] nothing is repeated when the session has ended", async () => {
    const stream = openStream();
    session.send(["x"]);
    env.request("POST").fail(new Error("reset"));
    stream.fail(new Error("reset"));
    await clock.advance(5000);
    expect(posts().filter(({ init }) => !init.signal.aborted)).toHaveLength(0);
    expect(log).toHaveLength(1);
  });

  test("[C21] closing sends what is queued and a close packet, then leaves the stream", async () => {
    const stream = openStream();
    session.send(["1"]);
    session.send(["2"]);
    session.release();
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(env.request("POST").init.body).toBe("42\x1e1");
    expect(stream.init.signal.aborted).toBe(false);
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(stream.init.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

test("[C21] who has said goodbye does not poll again", async () => {
  const options = resolveOptions("http://server", { env, transports: ["polling"] });
  const transport = new HttpTransport(options, "polling", {
    receive: ({ type }) => log.push(type),
    drain: () => log.push("drain"),
    lose: (...why) => log.push(why),
  });
  env.request("GET").answer(openPacket());
  await clock.advance(0);
  expect(log.splice(0)).toEqual(["open", "drain"]);
  transport.send([{ type: "close", data: "" }]);
  env.request("GET").answer("6");
  await clock.advance(0);
  expect(env.requests.filter(({ init }) => init.method === "GET")).toHaveLength(2);
  env.request("POST").answer("ok");
  await clock.advance(0);
  expect(log).toEqual(["noop", "drain"]);
});

test("[C21] a stream that ends after the goodbye is not gone on with", async () => {
  const stream = openStream();
  session.close();
  stream.stream("event: end\n\n");
  stream.answer("");
  await clock.advance(0);
  expect(env.requests.filter(({ init }) => init.method === "GET")).toHaveLength(1);
  env.request("POST").answer("ok");
  await clock.advance(0);
  expect(log).toEqual(["forced close: closed by the client"]);
  expect(clock.pending).toBe(0);
});

describe("moving from a stream to a WebSocket", () => {
  function probed(): FakeRequest {
    const stream = openStream({ transports: ["sse", "websocket"] }, { upgrades: ["websocket"] });
    env.socket().listener.open();
    expect(env.socket().sent).toEqual(["2probe"]);
    return stream;
  }

  test("[V35] rests its POSTs, sends 5, and keeps what comes until the stream has ended", async () => {
    const stream = probed();
    session.send(["1"]);
    session.send(["2"]);
    env.socket().listener.message("3probe");
    stream.stream("data:4a\n\n");
    expect(env.socket().sent).toEqual(["2probe"]); // the POST is under way
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(env.socket().sent).toEqual(["2probe", "5"]);
    session.send(["3"]);
    env.socket().listener.message("4c");
    env.socket().listener.message("4d");
    stream.stream("data:4b\n\nevent: end\n\n");
    expect(log).toEqual(["a", "b"]);
    stream.answer("");
    await clock.advance(0);
    expect(log).toEqual(["a", "b", "upgraded", "c", "d"]);
    expect(env.socket().sent).toEqual(["2probe", "5", "42", "43"]);
    env.socket().listener.message("4e");
    expect(log).toContain("e");
    expect(posts()).toHaveLength(1);
    expect(env.requests.every(({ isOver }) => isOver)).toBe(true);
  });

  test("[V35] a response that was at its end anyway is not followed by another", async () => {
    const stream = probed();
    session.send(["1"]);
    env.socket().listener.message("3probe");
    stream.stream("event: end\n\n");
    stream.answer("");
    await clock.advance(0);
    expect(env.requests.filter(({ init }) => init.method === "GET")).toHaveLength(1);
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(env.socket().sent).toEqual(["2probe", "5"]);
    expect(log).toEqual(["upgraded"]);
  });

  test("[V35] before the 5 the stream goes on when the WebSocket fails", async () => {
    const stream = probed();
    session.send(["1"]);
    env.socket().listener.message("3probe");
    env.socket().listener.close(1006, "");
    stream.stream("data:4a\n\n");
    env.request("POST").answer("ok");
    await clock.advance(0);
    session.send(["2"]);
    expect(env.request("POST").url.searchParams.get("seq")).toBe("2");
    expect(log).toEqual(["a"]);
    expect(session.transport.name).toBe("sse");
  });

  test.each<[string, (stream: FakeRequest) => void, RegExp]>([
    ["the WebSocket breaks", () => env.socket().listener.close(1006, ""), /upgrade broke/],
    ["the stream is cut", (stream) => stream.answer(""), /stream cut/],
    ["the stream breaks off", (stream) => stream.fail(new Error("reset")), /reset/],
  ])("[V35] behind the 5 the session ends when %s", async (_what, happens, end) => {
    const stream = probed();
    env.socket().listener.message("3probe");
    env.socket().listener.message("4lost");
    happens(stream);
    await clock.advance(0);
    expect(log).toEqual([expect.stringMatching(end)]);
    expect([env.socket().isClosed, stream.init.signal.aborted]).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });

  test("[V35] a stream that does not end within 10 s ends the session", async () => {
    const stream = probed();
    stream.stream("data:6\n\n");
    env.socket().listener.message("3probe");
    await clock.advance(10_000);
    expect(log).toEqual([expect.stringMatching(/upgrade broke/)]);
    expect(clock.pending).toBe(0);
  });
});
