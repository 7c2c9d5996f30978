import { RealtimeError } from "@bowline/protocol";
import { beforeEach, expect, test } from "vitest";
import { ResumptionWorld } from "../testing/resumption-world.ts";

const REPLIES = 256;

let world: ResumptionWorld;

beforeEach(() => {
  world = new ResumptionWorld();
});

test("[U12] an answer that was given while the client was away is there when it comes back, and the handler ran once", async () => {
  const { one, socket } = await world.enter();
  const asked: unknown[] = [];
  const replies: ((answer: unknown) => void)[] = [];
  socket.on("ask", (what, reply) => {
    asked.push(what);
    replies.push(reply);
  });
  one.ask(0, "ask", "first").ask(1, "ask", "second").ask(2, "ask", "third").cut();
  replies[0]?.("one");
  replies[1]?.("two");
  await one.connect({ p: [0, 1, 2] });
  expect(one.answers).toEqual([
    { id: 0, data: ["one"] },
    { id: 1, data: ["two"] },
  ]);
  replies[2]?.("three");
  expect(one.read().answers[2]).toEqual({ id: 2, data: ["three"] });
  expect(asked).toEqual(["first", "second", "third"]);
  expect(one.told()).toEqual([]);
});

test("[U12] an answer that got lost with the link is sent again, in its place among the events", async () => {
  const { one, socket } = await world.enter();
  socket.on("ask", (name, reply) => {
    socket.emit(`before ${name}`);
    reply(name);
    socket.emit(`behind ${name}`);
  });
  one.ask(0, "ask", "a").ask(1, "ask", "b").cut(2); // "before a" and the answer
  one.order = [];
  await one.connect({ p: [1] });
  expect(one.order).toEqual(["behind a", "before b", "ack 1", "behind b"]);
});

test("[U12] answers that the client has are forgotten when it comes back, and of an unknown question nothing is said", async () => {
  const { one, socket } = await world.enter();
  socket.on("ask", (reply) => reply("yes"));
  one.ask(0, "ask").ask(1, "ask").cut();
  await one.connect({ p: [1, 7] });
  expect(one.answers.map(({ id }) => id)).toEqual([0, 1, 1]);
  one.cut();
  await one.connect({ p: [0, 1] });
  expect(one.answers.map(({ id }) => id)).toEqual([0, 1, 1, 1]);
  expect(one.told()).toEqual([["l", [0]]]);
});

test("[U12] more answers than are kept: the oldest are lost, and the client is told which; the last one is kept at any size", async () => {
  const { one, socket } = await world.enter();
  socket.on("ask", (size, reply) => reply("x".repeat(size)));
  for (let id = 0; id <= REPLIES; id++) one.ask(id, "ask", 1);
  one.cut();
  one.control = [];
  await one.connect({ p: [0, 1] });
  expect(one.told()).toEqual([["l", [0]]]);
  one.answers = [];
  one.ask(1_000, "ask", 10_000).ask(1_001, "ask", 1_000_000).cut();
  one.answers = [];
  await one.connect({ p: [1_000, 1_001] });
  expect(one.told()).toEqual([["l", [1_000]]]);
  expect(one.answers.map(({ id }) => id)).toEqual([1_001]);
});

test("[U12] with a gap the answers come all the same", async () => {
  world = new ResumptionWorld({ resumption: { maxEvents: 2 } });
  const { one, socket } = await world.enter();
  socket.on("ask", (reply) => reply("yes"));
  one.ask(0, "ask").cut();
  for (let number = 0; number < 3; number++) socket.emit("event", number);
  one.answers = [];
  await one.connect({ p: [0] });
  expect(one.reply?.gap).toEqual({ from: 1, to: 3, why: "overflow" });
  expect(one.answers).toEqual([{ id: 0, data: ["yes"] }]);
});

test("[U13] what the server asks a client that is away is asked when it is back", async () => {
  const { one, socket } = await world.enter();
  one.cut();
  const answer = socket.emitWithAck("ask", 1);
  const answers = world.nsp.timeout(1_000).emitWithAck("all", 2);
  await one.connect();
  const frames = one.frames.slice(-2);
  expect(frames).toEqual(['420["ask",1]', '421["all",2]']);
  one.answer(0, "a").answer(1, "b");
  expect([await answer, await answers]).toEqual(["a", ["b"]]);
});

test("[U13] the server names what it waits for as far as the client has the question, and an answer settles it", async () => {
  const { one, socket } = await world.enter();
  const first = socket.emitWithAck("ask", 1);
  socket.emit("event");
  const second = socket.emitWithAck("ask", 2);
  one.cut(1);
  await one.connect();
  expect(one.reply?.p).toEqual([0]);
  expect(one.events.map(([name]) => name)).toEqual(["ask", "event", "ask"]);
  one.answer(0, "one").answer(1, "two");
  expect([await first, await second]).toEqual(["one", "two"]);
  one.cut();
  await one.connect();
  expect(one.reply?.p).toBeUndefined();
});

test("[U13] an answer that the client cannot give again rejects with reply_lost", async () => {
  const { one, socket } = await world.enter();
  const answer = socket.emitWithAck("ask");
  const answers = world.nsp.timeout(1_000).emitWithAck("all");
  one.cut();
  await one.connect();
  one.emit("$", "l", one.reply?.p);
  await expect(answer).rejects.toMatchObject({ code: "reply_lost" });
  await expect(answers).rejects.toMatchObject({ code: "disconnected", responses: [] });
});

test("[U13] a question that is lost in a gap rejects with reply_lost", async () => {
  world = new ResumptionWorld({ resumption: { maxEvents: 2 } });
  const { one, socket } = await world.enter();
  one.cut();
  const answer = socket.emitWithAck("ask");
  socket.emit("event");
  socket.emit("event");
  const late = socket.timeout(1_000).emitWithAck("ask");
  const settled = Promise.allSettled([answer, late]);
  await one.connect();
  expect(one.reply?.gap).toEqual({ from: 1, to: 4, why: "overflow" });
  expect(await settled).toMatchObject([
    { reason: { code: "reply_lost" } },
    { reason: { code: "reply_lost" } },
  ]);
});

test("[U13] when the socket ends, what it waits for rejects with disconnected", async () => {
  const { one, socket } = await world.enter();
  one.cut();
  const answer = socket.emitWithAck("ask").catch((error: unknown) => error);
  await world.clock.advance(120_000);
  expect(await answer).toMatchObject({ code: "disconnected" });
  expect(await answer).toBeInstanceOf(RealtimeError);
});

test("[U13] a volatile question that did not arrive is answered for", async () => {
  const { one, socket } = await world.enter();
  const answer = socket.volatile.emitWithAck("ask");
  one.cut(0);
  await one.connect();
  expect(one.reply?.p).toEqual([0]);
  one.emit("$", "l", [0]);
  await expect(answer).rejects.toMatchObject({ code: "reply_lost" });
});
