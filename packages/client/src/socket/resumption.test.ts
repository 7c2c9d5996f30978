import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { acceptSocket } from "../testing/fake-env.ts";
import { type ResumptionHarness, resumptionHarness } from "../testing/resumption-harness.ts";

let clock: VirtualClock;
let world: ResumptionHarness;

beforeEach(() => {
  clock = virtualClock();
  world = resumptionHarness(clock);
});

describe("agreeing", () => {
  test("[U40] CONNECT asks with a key and the number of the attempt, beside auth, if the server speaks it", () => {
    world.make({ auth: { token: "t" } });
    world.open();
    expect(world.sent()).toEqual(['0{"token":"t","$x":{"rs":{"k":"secret-of-128-bits-no-1","a":1}}}']);
  });

  test.each([undefined, {}, { rs: 2 }, { st: 1 }])("[U40] with %j in the handshake it does not", (ext) => {
    world.make();
    acceptSocket(world.env, { ext });
    expect(world.sent()).toEqual(["0"]);
  });

  test("[U40] nor where the option is false", () => {
    world.make({ resumption: false });
    world.open();
    expect(world.sent()).toEqual(["0"]);
  });

  test("[U40] without the confirmation nothing else is said, and a loss is a disconnect", async () => {
    const socket = world.make();
    world.open();
    world.sent();
    world.receive('0{"sid":"s"}', '2["a"]', '2["$b"]');
    socket.emit("$c");
    await clock.advance(5000);
    expect(world.sent()).toEqual(['2["$c"]']);
    world.lose();
    expect(world.log).toEqual(["connect", "disconnect transport close"]);
  });

  test("[U41] until there was a reply key and attempts go on, so that the socket is found that nobody heard of", async () => {
    const socket = world.make();
    world.open();
    world.sent();
    world.lose();
    expect(await world.relink()).toEqual({ k: "secret-of-128-bits-no-1", a: 2 });
    world.agree({ ok: true });
    expect(world.log.slice(1)).toEqual(["connect"]);
    expect([socket.recovered, socket.id]).toEqual([false, "socket-id"]);
  });
});

describe("a loss that is made good", () => {
  test("[U42] is neither disconnect nor connect: id, connected and active stay", async () => {
    const socket = world.agreed();
    world.lose();
    expect([socket.connected, socket.id, socket.active]).toEqual([true, "socket-id", true]);
    expect(await world.relink()).toEqual({ k: "secret-of-128-bits-no-1", a: 2, n: 0, s: "socket-id" });
    expect(socket.connected).toBe(true);
    world.agree({ ok: true });
    expect([socket.connected, socket.id, socket.recovered]).toEqual([true, "socket-id", true]);
    expect(world.log).toEqual(["suspend transport close", "resume"]);
  });

  test("[U42] attempts that fail meanwhile are told by the manager only", async () => {
    const socket = world.agreed();
    const errors: unknown[] = [];
    socket.io.on("reconnect_error", (error) => errors.push(error));
    world.lose();
    await clock.advance(1000);
    world.lose(); // before it opened
    await clock.advance(2000);
    world.open();
    world.lose(); // before the reply
    expect(errors).toHaveLength(1);
    expect(world.log).toEqual(["suspend transport close"]);
    expect(await world.relink()).toMatchObject({ a: 3, n: 0 });
  });

  test("[U43] what was sent and not confirmed is sent again, in order, before anything new", async () => {
    const socket = world.agreed();
    for (const n of [1, 2, 3, 4]) socket.emit("e", n);
    world.receive('2["$","a",1]');
    world.lose();
    world.sent();
    socket.emit("e", 5);
    expect(socket.sendBuffer).toEqual([expect.objectContaining({ data: ["e", 5] })]);
    expect(socket.resumption.unconfirmed).toBe(4);
    await world.relink();
    socket.emit("e", 6);
    expect(world.sent()).toEqual([]);
    world.agree({ ok: true, h: 2 });
    expect(world.sent()).toEqual(['2["e",3]', '2["e",4]', '2["e",5]', '2["e",6]']);
    expect(socket.resumption.unconfirmed).toBe(4);
    world.receive('2["$","a",6]');
    expect(socket.resumption.unconfirmed).toBe(0);
    world.lose();
    await world.relink();
    world.agree({ ok: true, h: 6 });
    expect(world.sent()).toEqual([]);
  });

  test("[U43] what a listener of outgoing events sends has its own number", async () => {
    const socket = world.agreed();
    socket.onAnyOutgoing((event) => event === "a" && socket.emit("b"));
    socket.emit("a");
    expect(world.sent()).toEqual(['2["b"]', '2["a"]']);
    world.receive('2["$","a",1]');
    world.lose();
    await world.relink();
    world.agree({ ok: true, h: 1 });
    expect(world.sent()).toEqual(['2["a"]']);
  });

  test("[U43] bytes are those of the time when they were emitted", async () => {
    const socket = world.agreed();
    const bytes = new Uint8Array([1, 2]);
    socket.emit("e", bytes);
    bytes.fill(9);
    world.sent();
    world.lose();
    socket.emit("f", bytes);
    bytes.fill(8);
    await world.relink();
    world.agree({ ok: true });
    const placeholder = '{"_placeholder":true,"num":0}';
    expect(world.sent()).toEqual([
      `51-["e",${placeholder}]`,
      new Uint8Array([1, 2]),
      `51-["f",${placeholder}]`,
      new Uint8Array([9, 9]),
    ]);
  });

  test("[U43] a confirmation of what was never sent confirms what was, and no confirmation is none", async () => {
    const socket = world.agreed();
    socket.emit("a");
    world.receive('2["$","a",null]', '2["$","a"]', '2["$","a","x"]', '2["$"]', '2["$","later",7]');
    world.lose();
    await world.relink();
    world.agree({ ok: true });
    expect(world.sent()).toEqual(['2["a"]']);
    world.receive('2["$","a",99]');
    world.lose();
    await world.relink();
    world.agree({ ok: true, h: 1 });
    expect(world.sent()).toEqual([]);
  });
});

describe("counting", () => {
  test("[U44] CONNECT says how many events came: all but volatile and control events", async () => {
    const socket = world.agreed();
    for (const event of ["a", "$b", "~"]) socket.on(event, (...args) => world.log.push([event, ...args]));
    const placeholder = '{"_placeholder":true,"num":0}';
    world.receive('2["a",1]', '2["$~a",2]', '2["$$b",3]', '2["$new",4]', '2["$q",5]', '2["$~connect"]');
    world.receive('2["$","r"]', `51-["a",${placeholder}]`);
    expect(world.log).toEqual([
      ["a", 1],
      ["a", 2],
      ["$b", 3],
    ]);
    world.lose();
    expect(await world.relink()).toMatchObject({ n: 3 });
  });

  test("[U44] names that begin with $ travel with another, volatile ones with $~, and neither to other servers", async () => {
    const socket = world.make({ reconnectionDelayMax: 1 });
    socket.emit("$early", 1);
    world.open();
    world.agree();
    socket.emit("$b", 2);
    socket.volatile.emit("c", 3);
    socket.volatile.emit("$d", 4);
    socket.volatile.emit("e", () => {});
    expect(() => socket.volatile.emit("connect")).toThrow('"connect" is a reserved event name');
    expect(world.sent().slice(1)).toEqual([
      '2["$$early",1]',
      '2["$$b",2]',
      '2["$~c",3]',
      '2["$~$d",4]',
      '20["e"]',
    ]);
    socket.resumption.on("lost", ({ resend }) => resend());
    world.lose();
    socket.emit("$late", 5);
    await clock.advance(1000);
    world.welcome();
    expect(world.sent()).toEqual(["0", '2["$early",1]', '2["$b",2]', '20["e"]', '2["$late",5]']);
  });

  test("[U44] volatile events are not sent again", async () => {
    const socket = world.agreed();
    socket.volatile.emit("v");
    socket.emit("a");
    world.lose();
    socket.volatile.emit("v");
    world.sent();
    await world.relink();
    world.agree({ ok: true });
    expect(world.sent()).toEqual(['2["a"]']);
  });

  test("[U45] the server is told at each 64th event, a second after the first, or when it asks; no timer runs else", async () => {
    world.agreed();
    const idle = clock.pending;
    world.receive('2["a"]', '2["a"]');
    expect(clock.pending).toBe(idle + 1);
    await clock.advance(999);
    world.receive('2["a"]');
    expect(world.sent()).toEqual([]);
    await clock.advance(1);
    expect(world.sent()).toEqual(['2["$","a",3]']);
    expect(clock.pending).toBe(idle);
    for (let n = 0; n < 61; n++) world.receive('2["a"]');
    expect(world.sent()).toEqual(['2["$","a",64]']);
    expect(clock.pending).toBe(idle);
    for (let n = 0; n < 3; n++) world.receive('2["a"]');
    expect(world.sent()).toEqual([]);
    world.receive('2["$","r"]');
    expect(world.sent()).toEqual(['2["$","a",67]']);
    world.receive('2["a"]');
    world.lose();
    await clock.advance(400); // the next link is not opened yet
    expect(world.sent()).toEqual([]);
  });
});

describe("the bound of what is kept", () => {
  const kilobyte = "x".repeat(1000);

  test("[U53] above it emit throws, and nothing is sent; confirmation makes room", () => {
    const socket = world.agreed({ resumption: { maxQueuedBytes: 4000 } });
    for (let n = 0; n < 3; n++) socket.emit("e", kilobyte);
    expect(world.sent()).toHaveLength(4);
    const full = { code: "queue_full", message: expect.stringContaining("resumption.maxQueuedBytes") };
    expect(() => socket.emit("e", kilobyte)).toThrow(expect.objectContaining(full));
    expect(() => socket.timeout(100).emit("e", kilobyte, () => {})).toThrow(expect.objectContaining(full));
    socket.emit("small");
    expect(world.sent()).toEqual(['2["small"]']);
    world.receive('2["$","a",1]');
    socket.emit("e", kilobyte);
    expect(world.sent()).toHaveLength(2);
  });

  test.each([undefined, true, { events: "transparent" as const }])(
    "[U53] it is 16 MiB unless the option says otherwise: %j",
    (resumption) => {
      const socket = world.agreed(resumption === undefined ? {} : { resumption });
      world.lose();
      const mebibyte = "x".repeat(1024 * 1024 - 10);
      for (let n = 0; n < 16; n++) socket.emit("e", mebibyte);
      expect(() => socket.emit("e", mebibyte)).toThrow(/wait to be confirmed/);
    },
  );

  test("[U53] what waits while there is no link counts, what waits no more does not", async () => {
    const socket = world.agreed({ resumption: { maxQueuedBytes: 4000 } });
    world.lose();
    for (let n = 0; n < 2; n++) socket.emit("e", kilobyte);
    socket.timeout(10).emit("timed", kilobyte, () => {});
    expect(() => socket.emit("e", kilobyte)).toThrow(/queue_full|wait to be confirmed/);
    await clock.advance(10);
    socket.emit("e", kilobyte);
    socket.sendBuffer = socket.sendBuffer.slice(1);
    socket.emit("e", kilobyte);
    expect(() => socket.emit("e", kilobyte)).toThrow(/wait to be confirmed/);
    await world.relink();
    world.agree({ ok: true, h: 0 });
    world.receive('2["$","a",3]');
    for (let n = 0; n < 3; n++) socket.emit("e", kilobyte);
    expect(() => socket.emit("e", kilobyte)).toThrow(/wait to be confirmed/);
  });

  test("[U53] at half of it the server is asked, once until it answers", () => {
    const socket = world.agreed({ resumption: { maxQueuedBytes: 8000 } });
    for (let n = 0; n < 6; n++) socket.emit("e", kilobyte);
    const asked = (): number => world.sent().filter((frame) => frame === '2["$","r"]').length;
    expect(asked()).toBe(1);
    world.receive('2["$","a",5]');
    for (let n = 0; n < 2; n++) socket.emit("e", kilobyte);
    expect(asked()).toBe(0);
    for (let n = 0; n < 2; n++) socket.emit("e", kilobyte);
    expect(asked()).toBe(1);
  });

  test("[U53] before the server agreed, and where it does not, there is none", () => {
    const socket = world.make({ resumption: { maxQueuedBytes: 1000 } });
    for (let n = 0; n < 3; n++) socket.emit("e", kilobyte);
    world.welcome();
    for (let n = 0; n < 3; n++) socket.emit("e", kilobyte);
    world.lose();
    for (let n = 0; n < 3; n++) socket.emit("e", kilobyte);
    expect(socket.sendBuffer).toHaveLength(3);
  });
});
