import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { type ResumptionHarness, resumptionHarness } from "../testing/resumption-harness.ts";

let clock: VirtualClock;
let world: ResumptionHarness;

beforeEach(() => {
  clock = virtualClock();
  world = resumptionHarness(clock);
});

describe("acks", () => {
  test("[U46] those that wait are named, and answered after it", async () => {
    const socket = world.agreed();
    const first = socket.emitWithAck("a");
    const second = socket.emitWithAck("b");
    world.receive('30["one"]');
    await expect(first).resolves.toBe("one");
    world.lose();
    const third = socket.emitWithAck("c");
    expect(await world.relink()).toMatchObject({ p: [1] });
    world.agree({ ok: true, h: 2 });
    world.receive('31["two"]', '32["three"]');
    await expect(second).resolves.toBe("two");
    await expect(third).resolves.toBe("three");
  });

  test("[U46] an answer that the server has no more is reply_lost", async () => {
    const socket = world.agreed();
    const one = socket.emitWithAck("a");
    const other = socket.emitWithAck("b");
    world.receive('2["$","l",[0,77]]');
    await expect(one).rejects.toMatchObject({ code: "reply_lost" });
    world.receive('31["yes"]', '2["$","l"]');
    await expect(other).resolves.toBe("yes");
  });

  test("[U46] their time goes on while there is no link, and they are not named then", async () => {
    const socket = world.agreed();
    socket.timeout(1000).emit("a", (error: unknown) => world.log.push(error));
    world.lose();
    const wait = world.relink();
    socket.timeout(500).emit("never sent", () => {});
    expect(await wait).toEqual({ k: "secret-of-128-bits-no-1", a: 2, n: 0, s: "socket-id" });
    expect(world.log).toEqual(["suspend transport close", expect.objectContaining({ code: "ack_timeout" })]);
    world.agree({ ok: true });
    expect(world.sent()).toEqual(['20["a"]']);
  });
});

describe("answers", () => {
  test("[U47] are sent again at their place, for those that the server waits for", async () => {
    const socket = world.agreed();
    socket.on("ask", (n, answer) => (answer as (value: unknown) => void)(n));
    socket.emit("e", 1);
    world.receive('27["ask","a"]');
    socket.emit("e", 2);
    world.receive('28["ask","b"]', '29["ask","c"]');
    socket.emit("e", 3);
    world.lose();
    world.sent();
    expect(await world.relink()).toMatchObject({ n: 3 });
    world.agree({ ok: true, h: 1, p: [7, 9] });
    expect(world.sent()).toEqual(['37["a"]', '2["e",2]', '39["c"]', '2["e",3]']);
  });

  test("[U47] that are given while there is no link leave with the next one, in order", async () => {
    const socket = world.agreed();
    let answer: (value: unknown) => void = () => {};
    socket.on("ask", (later) => (answer = later as typeof answer));
    world.receive('27["ask"]');
    world.lose();
    socket.emit("e");
    answer("late");
    await world.relink();
    world.agree({ ok: true, p: [7] });
    expect(world.sent()).toEqual(['2["e"]', '37["late"]']);
  });

  test("[U47] the server hears of those that are kept no more, and not of those that may still come", async () => {
    const socket = world.agreed();
    socket.on("ask", (answer) => (answer as () => void)());
    world.receive('20["unheard"]');
    for (let id = 1; id <= 257; id++) world.receive(`2${id}["ask"]`);
    world.lose();
    world.sent();
    await world.relink();
    world.agree({ ok: true, p: [0, 1, 2] });
    expect(world.sent()).toEqual(["32[]", '2["$","l",[1]]']);
  });

  test("[U47] of large ones the last is kept", async () => {
    const socket = world.agreed();
    socket.on("ask", (answer) => (answer as (text: string) => void)("x".repeat(70_000)));
    world.receive('21["ask"]', '22["ask"]');
    world.lose();
    world.sent();
    await world.relink();
    world.agree({ ok: true, p: [1, 2] });
    expect(world.sent()).toEqual([expect.stringMatching(/^32\["x+"]$/), '2["$","l",[1]]']);
  });

  test("[U47] of middling ones as many are kept as fit, however many went before", async () => {
    const socket = world.agreed();
    socket.on("ask", (answer) => (answer as (text: string) => void)("x".repeat(20_000)));
    for (let id = 0; id < 9; id++) world.receive(`2${id}["ask"]`);
    world.lose();
    await world.relink();
    world.agree({ ok: true, p: [0, 5, 6, 7, 8] });
    const sent = world.sent().map((frame) => String(frame).slice(0, 15));
    expect(sent).toEqual(['36["xxxxxxxxxxx', '37["xxxxxxxxxxx', '38["xxxxxxxxxxx', '2["$","l",[0,5]']);
  });

  test("[C68] one that is too large throws, or is lost for the server where it waited", async () => {
    const socket = world.agreed();
    const large = "x".repeat(1_000_001);
    let answer: (value: unknown) => void = () => {};
    socket.on("ask", (later) => (answer = later as typeof answer));
    world.receive('27["ask"]');
    expect(() => answer(large)).toThrow(expect.objectContaining({ code: "payload_too_large" }));
    answer("small");
    expect(world.sent()).toEqual(['37["small"]']);
    world.receive('28["ask"]');
    world.lose();
    answer(large);
    await world.relink();
    world.agree({ ok: true, p: [8] });
    expect(world.sent()).toEqual(['2["$","l",[8]]']);
    expect(world.errors).toEqual([
      [expect.objectContaining({ code: "payload_too_large" }), { stage: "ack", event: "ack" }],
    ]);
  });

  test("[U47] are for nobody once the socket is another", async () => {
    const socket = world.agreed();
    let answer: () => void = () => {};
    socket.on("ask", (later) => (answer = later as typeof answer));
    world.receive('27["ask"]');
    world.lose();
    await world.relink();
    world.agree();
    answer();
    expect(world.sent()).toEqual([]);
  });
});

describe("a gap", () => {
  test("[U48] in the reply is told once, and counting goes on from its end", async () => {
    world.agreed();
    world.receive('2["a"]');
    world.lose();
    await world.relink();
    const gap = { from: 2, to: 9, why: "overflow" };
    world.agree({ ok: true, gap });
    expect(world.log).toEqual(["suspend transport close", gap, "resume"]);
    world.receive('2["a"]');
    world.lose();
    expect(await world.relink()).toMatchObject({ n: 10 });
  });

  test("[U48] on the way too", async () => {
    world.agreed();
    const gap = { from: 1, to: 500, why: "overflow" };
    world.receive('2["$","g",{"from":1,"to":500,"why":"overflow"}]', '2["a"]');
    expect(world.log).toEqual([gap]);
    await clock.advance(1000);
    expect(world.sent()).toEqual(['2["$","a",501]']);
    world.lose();
    expect(await world.relink()).toMatchObject({ n: 501 });
  });

  test("[U48] what is no gap, or lies behind, is nothing", () => {
    const socket = world.agreed();
    world.receive('2["$","g"]', '2["$","g",null]', '2["$","g",{"from":1,"to":0,"why":"overflow"}]', '2["e"]');
    expect(world.log).toEqual([]);
    expect([socket.connected, world.sent()]).toEqual([true, []]);
    world.receive('2["$","r"]');
    expect(world.sent()).toEqual(['2["$","a",1]']);
  });

  test("[U48] also where the client knows of nothing to resume", async () => {
    const socket = world.make();
    socket.resumption.on("gap", (gap) => world.log.push(gap));
    world.open();
    world.sent();
    world.lose();
    await world.relink();
    const gap = { from: 1, to: 9, why: "trimmed" };
    world.agree({ ok: true, gap });
    expect(world.log.slice(1)).toEqual([gap, "connect"]);
  });
});
