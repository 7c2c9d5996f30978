import { afterEach, expect, test } from "vitest";
import { FakeUwsApp, type FakeUwsCall } from "../testing/fake-uws.ts";
import { type RecordedStream, RecordingHandler } from "../testing/recording-handler.ts";
import { uwsHost } from "./host-uws.ts";
import type { HostResponse } from "./host.ts";

/** On the double that enforces lifetimes, and does with what the kernel does not take as the real one does. */
let app: FakeUwsApp;
let errors: unknown[];

const HEAD: HostResponse = { status: 200, headers: { "X-A": ["1", "2"], Connection: "close" } };
const PIECE_BYTES = 64 * 1024;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function start(opened?: (recorded: RecordedStream) => void): RecordingHandler {
  app = new FakeUwsApp();
  errors = [];
  const handler = new RecordingHandler();
  const onError = (error: unknown): void => void errors.push(error);
  uwsHost(app).start(handler, { path: "/io", maxPayload: 100, destroyUpgradeAfterMs: false, onError });
  handler.answer = () => handler.streaming(HEAD, opened);
  return handler;
}

async function open(): Promise<{ call: FakeUwsCall; recorded: RecordedStream }> {
  const handler = start();
  const next = handler.nextStream();
  const call = app.request({ url: "/io" });
  return { call, recorded: await next };
}

afterEach(() => {
  expect(app.violations).toEqual([]);
});

test("[H20] head and first text leave in one cork, in the turn they were written", async () => {
  const { call, recorded } = await open();
  await turn();
  expect([call.headers, call.link.received]).toEqual([[], ""]);
  recorded.stream.write("a");
  recorded.stream.write("b");
  expect(call.link.received).toBe("");
  await turn();
  expect(call.headers).toEqual([
    ["X-A", "1"],
    ["X-A", "2"],
  ]);
  expect([call.status, call.link.writes]).toEqual(["200 OK", ["ab"]]);
  recorded.stream.end();
  expect(call.isOver).toBe(true);
  expect(recorded.reports).toEqual([]);
  await turn();
  expect(recorded.reports).toEqual(["closed"]);
});

test("[H22] what uWS would keep is kept here, but for one piece", async () => {
  const { call, recorded } = await open();
  const { stream } = recorded;
  call.link.room = 1000;
  stream.write("x".repeat(10 * PIECE_BYTES));
  await turn();
  expect([call.link.received.length, call.link.keptBytes]).toEqual([1000, PIECE_BYTES - 1000]);
  expect(stream.bufferedAmount).toBe(10 * PIECE_BYTES);
  stream.write("y".repeat(10));
  await turn();
  expect([call.link.keptBytes, stream.bufferedAmount]).toEqual([PIECE_BYTES - 1000, 10 * PIECE_BYTES + 10]);
});

test("[H22] however little the kernel takes at a time, uWS is given no more while it keeps something", async () => {
  const { call, recorded } = await open();
  const { stream } = recorded;
  call.link.room = 0;
  const text = Array.from({ length: 40_000 }, (_, index) => `${index},`).join("");
  stream.write(text);
  await turn();
  let rounds = 0;
  while (call.link.received.length < text.length && rounds < 10_000) {
    rounds++;
    call.makeRoom(100);
    expect(call.link.keptBytes).toBeLessThanOrEqual(PIECE_BYTES + rounds);
    // Once nothing waits here, nobody can tell what of the last piece uWS still has.
    expect(stream.bufferedAmount + PIECE_BYTES).toBeGreaterThanOrEqual(call.link.keptBytes);
    if (rounds === 1000) call.makeRoom(100_000);
  }
  expect(call.link.received).toBe(text);
  call.makeRoom();
  stream.write("!");
  await turn();
  expect([call.link.received.endsWith("!"), stream.bufferedAmount]).toEqual([true, 0]);
});

test("[H22] what uWS keeps leaves though nothing new is written, and `drain` is told", async () => {
  const { call, recorded } = await open();
  call.link.room = 10;
  recorded.stream.write("x".repeat(30_000));
  await turn();
  expect([call.link.keptBytes, recorded.stream.bufferedAmount]).toEqual([29_990, 30_000]);
  call.makeRoom();
  expect([call.link.received.length, call.link.keptBytes]).toEqual([30_000, 0]);
  await turn();
  expect([recorded.reports, recorded.stream.bufferedAmount]).toEqual([["drain"], 0]);
});

test("[H22] what uWS kept without a word, because it fitted into the cork, leaves as well", async () => {
  const { call, recorded } = await open();
  call.link.room = 1;
  recorded.stream.write("hello");
  await turn();
  expect([call.link.received, call.link.keptBytes]).toEqual(["h", 4]);
  call.makeRoom(2);
  expect(call.link.received).toBe("hel");
  recorded.stream.write(" world");
  await turn();
  call.makeRoom();
  expect(call.link.received).toBe("hello world");
});

test("[H22] `drain` is told as well when much was written and all of it left at once", async () => {
  const { recorded } = await open();
  recorded.stream.write("x".repeat(PIECE_BYTES - 1));
  await turn();
  expect(recorded.reports).toEqual([]);
  recorded.stream.write("x".repeat(PIECE_BYTES));
  await turn();
  expect(recorded.reports).toEqual(["drain"]);
  recorded.stream.write("x".repeat(PIECE_BYTES));
  recorded.stream.flush?.();
  // Not inside the call, and not if there is more by then.
  recorded.stream.write("x");
  expect(recorded.reports).toEqual(["drain"]);
  await turn();
  await turn();
  expect(recorded.reports).toEqual(["drain", "drain"]);
});

test("[H23] an end waits for what is here, not for what uWS has", async () => {
  const { call, recorded } = await open();
  call.link.room = 0;
  recorded.stream.write("x".repeat(3 * PIECE_BYTES));
  recorded.stream.end();
  await turn();
  expect([call.isOver, recorded.reports]).toEqual([false, []]);
  call.makeRoom();
  expect([call.isOver, call.link.received.length]).toEqual([true, 3 * PIECE_BYTES]);
  await turn();
  expect(recorded.reports).toEqual(["closed"]);
});

test("[H23] an end that has nothing to wait for here does not wait for uWS", async () => {
  const { call, recorded } = await open();
  call.link.room = 0;
  recorded.stream.write("x".repeat(20_000));
  await turn();
  recorded.stream.end();
  expect([call.isOver, call.link.received]).toEqual([true, ""]);
  call.makeRoom();
  expect(call.link.received.length).toBe(20_000);
});

test("[H23] nothing touches the response after its end, its cut, or the peer's leaving", async () => {
  for (const over of ["end", "terminate", "leave"] as const) {
    const { call, recorded } = await open();
    const { stream } = recorded;
    stream.write("a");
    if (over === "leave") call.abort();
    else stream[over]();
    stream.write("b");
    stream.end();
    stream.terminate();
    await turn();
    call.makeRoom();
    expect([over, recorded.reports, stream.bufferedAmount]).toEqual([over, ["closed"], 0]);
    expect(app.violations).toEqual([]);
  }
});

test("[H25] what is thrown at a drain goes to onError, and the stream goes on", async () => {
  const { call, recorded } = await open();
  recorded.onReport = () => {
    throw new Error("mine");
  };
  call.link.room = 0;
  recorded.stream.write("x".repeat(20_000));
  await turn();
  call.makeRoom();
  await turn();
  expect(errors.map(String)).toEqual(["Error: mine"]);
  recorded.stream.write("y");
  await turn();
  expect(call.link.received.endsWith("y")).toBe(true);
});

test("[H25] who throws when the stream opens has its link cut", async () => {
  start(() => {
    throw new Error("mine");
  });
  const call = app.request({ url: "/io" });
  await turn();
  expect([call.isOver, errors.map(String)]).toEqual([true, ["Error: mine"]]);
});
