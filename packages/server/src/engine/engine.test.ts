import { virtualClock } from "@bowline/protocol/testing";
import { expect, test } from "vitest";
import { DEFAULTS, EngineWorld, say, settle } from "../testing/engine-world.ts";
import { TestRequest } from "../testing/test-request.ts";
import { Engine } from "./engine.ts";

test("[E9] a session is known by the id that the runtime made, and tells where it came from", async () => {
  const world = new EngineWorld();
  const query = "EIO=4&transport=polling&token=a%20b";
  await world.request({ query, headers: { "user-agent": "x" } });
  const session = world.engine.sessions.get("id-1");
  expect(session?.info).toMatchObject({
    url: `/engine.io/?${query}`,
    query: { EIO: "4", transport: "polling", token: "a b" },
    headers: { "user-agent": "x" },
    remoteAddress: "192.0.2.1",
    secure: false,
    openedAt: 1_700_000_000_000,
  });
  expect(world.engine.size).toBe(1);
});

test("[E9] an id that cannot be made refuses the handshake and is reported", async () => {
  const createId = (): never => {
    throw new Error("no entropy");
  };
  const errors: unknown[] = [];
  const createIncoming = (): never => {
    throw new Error("not asked for");
  };
  const runtime = { clock: virtualClock(), createId, wallClock: () => 0, createIncoming };
  const events = { session() {}, error: (error: unknown) => errors.push(error) };
  const engine = new Engine(DEFAULTS, runtime, events);
  const answer = await engine.request(new TestRequest({ query: "EIO=4&transport=polling" }));
  expect([answer.status, errors.map(String), engine.size]).toEqual([400, ["Error: no entropy"], 0]);
});

test("[E19] close tells the listener at once, exactly once, and ignores what comes after", async () => {
  const world = new EngineWorld();
  const { session, peer, closes } = await world.openWebSocket();
  session.close();
  session.close();
  expect(closes).toEqual([{ reason: "forced close", cause: undefined }]);
  say(session, "late");
  expect(peer.takeSent()).toEqual([]);
});

test("[E19] a listener that closes the session again while it closes does no harm", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openWebSocket();
  const { close } = session.listener;
  session.listener.close = (reason, cause) => {
    session.close();
    close(reason, cause);
  };
  session.close();
  expect(closes.map(({ reason }) => reason)).toEqual(["forced close"]);
});

test("[E19] a message handler that closes the session gets no further message of the same body", async () => {
  const world = new EngineWorld();
  const { session, messages } = await world.openPolling();
  const { message } = session.listener;
  session.listener.message = (frame) => {
    message(frame);
    session.close();
  };
  expect((await world.post(session.id, "4a\u001e4b")).status).toBe(200);
  expect(messages).toEqual(["a"]);
});

test("[E21] what a listener throws is reported and goes no further", async () => {
  const world = new EngineWorld();
  const polled = await world.openPolling();
  const { session, peer } = await world.openWebSocket();
  const fail = (): never => {
    throw new Error("mine");
  };
  for (const { listener } of [polled.session, session]) {
    Object.assign(listener, { message: fail, close: fail, drain: fail, upgrade: fail });
  }
  peer.receive("4a");
  peer.listener?.drain();
  expect((await world.post(polled.session.id, "4a\u001e4b")).status).toBe(200);
  expect([session.state, polled.session.state]).toEqual(["open", "open"]);
  session.close();
  expect(world.errors.map(String)).toEqual(Array.from({ length: 5 }, () => "Error: mine"));
});

test("[E21] an event handler that throws costs nothing but its report", async () => {
  const world = new EngineWorld();
  world.onSession = () => {
    throw new Error("mine");
  };
  const { session } = await world.openWebSocket();
  expect([session.state, world.errors.map(String)]).toEqual(["open", ["Error: mine"]]);
});

test("[E22] close ends every session, whatever it waits for, and leaves no timer", async () => {
  const world = new EngineWorld();
  const waiting = await world.openPolling();
  const poll = world.get(waiting.session.id);
  await settle();
  const away = await world.openPolling();
  say(away.session, "never fetched");
  const socket = await world.openWebSocket();
  const upgrading = await world.openPolling();
  (await world.upgrade(upgrading.session.id)).receive("2probe");
  const closing = await world.openPolling();
  closing.session.close();

  world.engine.close();
  expect((await poll).body).toBe("1");
  const reasons = [waiting, away, socket, upgrading, closing].map(({ closes }) =>
    closes.map(({ reason }) => reason),
  );
  const forced = ["forced close"];
  expect(reasons).toEqual([forced, forced, forced, forced, forced]);
  expect([world.engine.size, world.clock.pending, socket.peer.state]).toEqual([0, 0, "closed"]);
});

test("[E22] handshakes after close are refused with 503, also those that were under way", async () => {
  let allow: (isAllowed: boolean) => void = () => {};
  const world = new EngineWorld({ allowRequest: () => new Promise((resolve) => (allow = resolve)) });
  const underWay = world.request({ query: "EIO=4&transport=polling" });
  await settle();
  const accepting = world.engine.upgrade(new TestRequest({ query: "EIO=4&transport=websocket" }));
  world.engine.close();
  allow(true);
  expect(await accepting).toMatchObject({ accept: false, response: { status: 503 } });
  expect((await world.request({ query: "EIO=4&transport=polling" })).status).toBe(503);
  const late = await world.engine.upgrade(new TestRequest({ query: "EIO=4&transport=websocket" }));
  expect(late).toMatchObject({ accept: false, response: { status: 503 } });
  void underWay;
});

test("[E22] a WebSocket that was accepted before close and opens after it is closed", async () => {
  const world = new EngineWorld();
  const upgrade = await world.engine.upgrade(new TestRequest({ query: "EIO=4&transport=websocket" }));
  world.engine.close();
  if (!upgrade.accept) throw new Error("refused");
  let code = 0;
  upgrade.open({ bufferedAmount: 0, send() {}, close: (given) => (code = given), terminate() {} });
  expect([code, world.engine.size]).toEqual([1000, 0]);
});

test("[E5] the open packets of one engine have their own id, and what their own transport can move up to", async () => {
  const world = new EngineWorld();
  const rest = '"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';
  for (const round of [0, 2]) {
    const { body } = await world.request({ query: "EIO=4&transport=polling" });
    expect(body).toBe(`0{"sid":"id-${round + 1}","upgrades":["websocket"],${rest}`);
    const peer = await world.connect("EIO=4&transport=websocket");
    expect(peer.takeSent()).toEqual([`0{"sid":"id-${round + 2}","upgrades":[],${rest}`]);
  }
});
