import { virtualClock } from "@bowline/protocol/testing";
import { expect, test } from "vitest";
import { EngineWorld } from "../testing/engine-world.ts";
import { type Beating, Heartbeats } from "./heartbeats.ts";

const INTERVAL_MS = 25_000;
const TIMEOUT_MS = 20_000;
/** The promise of RELIABILITY G8. */
const SLACK_MS = 1000;

test("[E6] the server pings after the interval, and goes on when it is answered", async () => {
  const world = new EngineWorld();
  const { peer, closes } = await world.openWebSocket();
  for (let turn = 0; turn < 3; turn++) {
    await world.clock.advance(INTERVAL_MS - 1);
    expect(peer.takeSent()).toEqual([]);
    await world.clock.advance(1 + SLACK_MS / 4);
    expect(peer.takeSent()).toEqual(["2"]);
    peer.receive("3");
  }
  expect(closes).toEqual([]);
});

test("[E6] who does not answer in time is given up, and the link is cut", async () => {
  const world = new EngineWorld();
  const { peer, closes } = await world.openWebSocket();
  await world.clock.advance(INTERVAL_MS + TIMEOUT_MS - 1);
  expect(closes).toEqual([]);
  await world.clock.advance(SLACK_MS);
  expect(closes).toEqual([{ reason: "ping timeout", cause: undefined }]);
  expect([peer.state, world.engine.size, world.clock.pending]).toEqual(["closed", 0, 0]);
});

test("[E6] a pong that nobody asked for holds nobody alive", async () => {
  const world = new EngineWorld();
  const { peer, closes } = await world.openWebSocket();
  peer.receive("3");
  await world.clock.advance(INTERVAL_MS + TIMEOUT_MS + SLACK_MS);
  expect(closes.map(({ reason }) => reason)).toEqual(["ping timeout"]);
});

test("[E6] other traffic while a pong is awaited gives the whole time anew, once for each ping", async () => {
  const world = new EngineWorld();
  const { peer, closes } = await world.openWebSocket();
  peer.receive("4before");
  await world.clock.advance(INTERVAL_MS + SLACK_MS);
  await world.clock.advance(TIMEOUT_MS - 2 * SLACK_MS);
  peer.receive("4first");
  await world.clock.advance(TIMEOUT_MS - 1);
  expect(closes).toEqual([]);
  peer.receive("4second");
  await world.clock.advance(1 + SLACK_MS);
  expect(closes.map(({ reason }) => reason)).toEqual(["ping timeout"]);
});

test("[E6] the next ping may be put off as well, and a pong after traffic is an answer", async () => {
  const world = new EngineWorld();
  const { peer, closes } = await world.openWebSocket();
  for (let turn = 0; turn < 3; turn++) {
    await world.clock.advance(INTERVAL_MS + SLACK_MS);
    expect(peer.takeSent()).toEqual(["2"]);
    peer.receive("4busy");
    await world.clock.advance(TIMEOUT_MS - SLACK_MS);
    peer.receive("3");
  }
  expect(closes).toEqual([]);
});

test("[E6] a polling session is pinged and given up the same way", async () => {
  const world = new EngineWorld();
  const { session, closes } = await world.openPolling();
  const poll = world.get(session.id);
  await world.clock.advance(INTERVAL_MS);
  expect((await poll).body).toBe("2");
  const waiting = world.get(session.id);
  await world.clock.advance(TIMEOUT_MS + SLACK_MS);
  expect((await waiting).body).toBe("1");
  expect(closes.map(({ reason }) => reason)).toEqual(["ping timeout"]);
});

test("[E8] short times are kept as closely as they need", async () => {
  const world = new EngineWorld({ pingIntervalMs: 100, pingTimeoutMs: 50 });
  const { closes } = await world.openWebSocket();
  await world.clock.advance(149);
  expect(closes).toEqual([]);
  await world.clock.advance(3);
  expect(closes).toHaveLength(1);
});

test("[E8] a thousand sessions have one timer, and nobody none", async () => {
  const world = new EngineWorld();
  const sessions = [];
  for (let index = 0; index < 1000; index++) {
    sessions.push(await world.openWebSocket());
    await world.clock.advance(3);
  }
  expect(world.clock.pending).toBe(1);
  await world.clock.advance(INTERVAL_MS + SLACK_MS);
  expect(sessions.every(({ peer }) => peer.takeSent().includes("2"))).toBe(true);
  for (const { session } of sessions) session.close();
  expect([world.engine.size, world.clock.pending]).toEqual([0, 0]);
});

test("[E8] an interval that is shorter than the timeout is kept after a pong, too", async () => {
  const world = new EngineWorld({ pingIntervalMs: 1000, pingTimeoutMs: 20_000 });
  const { peer } = await world.openWebSocket();
  await world.clock.advance(1000);
  peer.receive("3");
  peer.takeSent();
  await world.clock.advance(1100);
  expect(peer.takeSent()).toEqual(["2"]);
});

test("[E8] the time for which this process stood still is not held against the peers", async () => {
  // Timers of this clock fire when the test says so, however late.
  let now = 0;
  let due: (() => void) | undefined;
  const clock = { ...virtualClock(), now: () => now, setTimer: (run: () => void) => ((due = run), 1) };
  const heartbeats = new Heartbeats(clock, { pingIntervalMs: 1000, pingTimeoutMs: 1000 });
  const log: string[] = [];
  const session: Beating = { ping: () => log.push("ping"), dead: () => log.push("dead") };
  const fireAt = (at: number): void => {
    now = at;
    due?.();
  };
  heartbeats.add(session);
  fireAt(1000);
  fireAt(5000);
  expect(log).toEqual(["ping"]);
  heartbeats.pong(session);
  fireAt(6000);
  expect(log).toEqual(["ping", "ping"]);
  fireAt(9000);
  // It is late again, but twice running is no excuse.
  fireAt(12_000);
  expect(log).toEqual(["ping", "ping", "dead"]);
});

test("[E8] a session that ends because another one does is left alone", () => {
  const clock = virtualClock();
  const heartbeats = new Heartbeats(clock, { pingIntervalMs: 10, pingTimeoutMs: 10 });
  const log: string[] = [];
  const second: Beating = { ping: () => log.push("second"), dead: () => log.push("second") };
  const first: Beating = { ping: () => heartbeats.remove(second), dead: () => log.push("first") };
  heartbeats.add(first);
  heartbeats.add(second);
  return clock.advance(30).then(() => expect(log).toEqual(["first"]));
});
