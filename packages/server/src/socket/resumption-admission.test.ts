import { beforeEach, expect, test } from "vitest";
import { journalOf, ResumptionWorld } from "../testing/resumption-world.ts";

const WINDOW_MS = 120_000;
const OTHER_KEY = "o".repeat(22);

let world: ResumptionWorld;

beforeEach(() => {
  world = new ResumptionWorld();
});

test("[U7] a stale attempt is refused, closes only its own connection, and disturbs nobody", async () => {
  const { one, socket } = await world.enter();
  one.cut();
  await one.connect();
  const journal = journalOf(socket);
  for (const a of [1, 2]) {
    const stale = world.client(one.key);
    await stale.connect({ a, n: 0 });
    expect(stale.frames).toEqual([]);
    expect(stale.peer?.state).toBe("closed");
  }
  socket.emit("still here");
  expect(one.heard()).toEqual([["still here"]]);
  expect(journal).toEqual([]);
});

test("[U7] a stale attempt does not end what else its connection carries", async () => {
  const { one } = await world.enter();
  const other = world.client(OTHER_KEY, "/other");
  world.namespaces.named("/other");
  other.peer = one.peer;
  other.send({ type: "connect", namespace: "/other", data: { $x: { rs: { k: OTHER_KEY, a: 1 } } } });
  // A third namespace's CONNECT is late: its client went on elsewhere.
  const third = world.client("t".repeat(22), "/third");
  world.namespaces.named("/third");
  await third.connect({ a: 2 });
  third.peer = one.peer;
  third.send({ type: "connect", namespace: "/third", data: { $x: { rs: { k: third.key, a: 1 } } } });
  expect(one.peer?.state).toBe("closed");
  other.attempt = 1;
  await other.connect({ n: 0 });
  await one.connect();
  expect([other.reply?.ok, one.reply?.ok]).toEqual([true, true]);
});

test("[U7] attempts are compared again behind the middleware, where another one may have been faster", async () => {
  const gates: (() => void)[] = [];
  world.nsp.use((_socket, next) => void gates.push(next));
  const slow = world.client();
  const fast = world.client(slow.key);
  await slow.connect({ a: 1 });
  await fast.connect({ a: 2 });
  gates[1]?.();
  expect(fast.read().reply).toEqual({ w: WINDOW_MS, h: 0 });
  gates[0]?.();
  expect(slow.read().frames).toEqual([]);
  expect(slow.peer?.state).toBe("closed");
  expect(world.sockets.length).toBe(1);

  // The other way round the later attempt takes over, and its middleware runs once more, on the socket that there is.
  const again = world.client(OTHER_KEY);
  const later = world.client(OTHER_KEY);
  await again.connect({ a: 1 });
  await later.connect({ a: 2 });
  gates[2]?.();
  gates[3]?.();
  gates[4]?.();
  expect(later.read().reply).toEqual({ w: WINDOW_MS, h: 0, ok: true });
  expect([later.id, again.peer?.state]).toEqual([again.read().id, "closed"]);
  expect(world.sockets.length).toBe(2);
});

test("[U8] the middleware runs on every resume, on a socket with the same data and rooms that it may change", async () => {
  const seen: unknown[] = [];
  world.nsp.use((socket, next) => {
    seen.push([socket.recovered, socket.data.visits, [...socket.rooms]]);
    socket.data.visits = (socket.data.visits ?? 0) + 1;
    socket.join(`visit ${socket.data.visits}`);
    socket.leave(`visit ${socket.data.visits - 1}`);
    socket.emit("welcome", socket.data.visits);
    next();
  });
  const { one, socket } = await world.enter();
  expect(one.heard()).toEqual([["welcome", 1]]);
  one.cut();
  socket.emit("missed");
  await one.connect();
  expect(one.heard()).toEqual([["missed"], ["welcome", 2]]);
  expect(seen).toEqual([
    [false, undefined, []],
    [true, 1, ["visit 1", socket.id]],
  ]);
  expect([...socket.rooms]).toEqual([socket.id, "visit 2"]);
  expect([socket.data.visits, socket.resumption?.unconfirmed]).toEqual([2, 2]);
});

test("[U8] a middleware that refuses a resume ends the socket, and the client is told why", async () => {
  let isBanned = false;
  world.nsp.use((_socket, next) => next(isBanned ? new Error("banned") : undefined));
  const { one, socket } = await world.enter();
  const journal = journalOf(socket);
  one.cut();
  isBanned = true;
  await one.connect();
  expect(one.refusal).toEqual({ message: "banned" });
  expect(journal).toEqual(["suspend: transport close", "disconnect: server namespace disconnect"]);
  isBanned = false;
  await one.connect();
  expect(one.reply?.ok).toBeUndefined();
});

test("[U8] what the middleware asks fails when it refuses, and when it takes too long, on its own time", async () => {
  const failures: unknown[] = [];
  const gates: ((error?: Error) => void)[] = [];
  world.nsp.use((socket, next) => {
    const failed = (error: { code: string }): void => void failures.push(error.code);
    socket.emitWithAck("without a time").catch(failed);
    socket.timeout(1_000).emitWithAck("with a time").catch(failed);
    gates.push(next);
  });
  await world.client().connect();
  await world.clock.advance(1_000);
  expect(failures).toEqual(["ack_timeout"]);
  gates[0]?.(new Error("no"));
  await world.clock.advance(0);
  expect(failures).toEqual(["ack_timeout", "disconnected"]);
});

test("[U8] what the middleware asks on a resume is answered to it, or fails when the socket ends", async () => {
  const results: unknown[] = [];
  let question = "";
  world.nsp.use((socket, next) => {
    if (question) {
      socket
        .timeout(1_000)
        .emitWithAck(question)
        .then(
          (answer) => void results.push(answer),
          (error: { code: string }) => void results.push(error.code),
        );
    }
    next();
  });
  const { one, socket } = await world.enter();
  for (question of ["answered", "late", "ends"]) {
    one.cut();
    await one.connect();
    const id = Number(/\d+/.exec(String(one.frames.at(-1)).slice(2))?.[0]);
    if (question === "answered") one.answer(id, "yes");
    if (question === "late") await world.clock.advance(1_000);
    if (question === "ends") socket.disconnect();
    await world.clock.advance(0);
  }
  expect(results).toEqual(["yes", "ack_timeout", "disconnected"]);
});
