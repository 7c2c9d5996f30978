import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { type SocketHarness, socketHarness, type TestSocket } from "../testing/socket-harness.ts";

let clock: VirtualClock;
let world: SocketHarness;

beforeEach(() => {
  clock = virtualClock();
  world = socketHarness(clock);
});

/** Of a server that agreed; what the resumption tells is logged too. */
function agreed(options: Parameters<SocketHarness["make"]>[0] = {}, reply = {}): TestSocket {
  const socket = world.make(options);
  socket.resumption.on("suspend", (reason) => world.log.push(`suspend ${reason}`));
  socket.resumption.on("resume", () => world.log.push("resume"));
  socket.resumption.on("gap", (gap) => world.log.push(gap));
  socket.resumption.on("lost", ({ reason, unconfirmed }) =>
    world.log.push([`lost ${reason}`, ...unconfirmed.map(({ data }) => data)]),
  );
  world.open();
  world.agree(reply);
  world.sent();
  world.log.length = 0;
  return socket;
}

/** Another link, to a server that speaks it; gives what the client asks. */
async function relink(): Promise<Record<string, unknown>> {
  await clock.advance(3000);
  world.open();
  const [connect] = world.sent();
  const { $x } = JSON.parse(String(connect).slice(1)) as { $x: { rs: Record<string, unknown> } };
  return $x.rs;
}

describe("acks", () => {
  test("[U46] those that wait are named, and answered after it", async () => {
    const socket = agreed();
    const first = socket.emitWithAck("a");
    const second = socket.emitWithAck("b");
    world.receive('30["one"]');
    await expect(first).resolves.toBe("one");
    world.lose();
    const third = socket.emitWithAck("c");
    expect(await relink()).toMatchObject({ p: [1] });
    world.agree({ ok: true, h: 2 });
    world.receive('31["two"]', '32["three"]');
    await expect(second).resolves.toBe("two");
    await expect(third).resolves.toBe("three");
  });

  test("[U46] an answer that the server has no more is reply_lost", async () => {
    const socket = agreed();
    const one = socket.emitWithAck("a");
    const other = socket.emitWithAck("b");
    world.receive('2["$","l",[0,77]]');
    await expect(one).rejects.toMatchObject({ code: "reply_lost" });
    world.receive('31["yes"]', '2["$","l"]');
    await expect(other).resolves.toBe("yes");
  });

  test("[U46] their time goes on while there is no link, and they are not named then", async () => {
    const socket = agreed();
    socket.timeout(1000).emit("a", (error: unknown) => world.log.push(error));
    world.lose();
    const wait = relink();
    socket.timeout(500).emit("never sent", () => {});
    expect(await wait).toEqual({ k: "secret-of-128-bits-no-1", a: 2, n: 0 });
    expect(world.log).toEqual(["suspend transport close", expect.objectContaining({ code: "ack_timeout" })]);
    world.agree({ ok: true });
    expect(world.sent()).toEqual(['20["a"]']);
  });
});

describe("answers", () => {
  test("[U47] are sent again at their place, for those that the server waits for", async () => {
    const socket = agreed();
    socket.on("ask", (n, answer) => (answer as (value: unknown) => void)(n));
    socket.emit("e", 1);
    world.receive('27["ask","a"]');
    socket.emit("e", 2);
    world.receive('28["ask","b"]', '29["ask","c"]');
    socket.emit("e", 3);
    world.lose();
    world.sent();
    expect(await relink()).toMatchObject({ n: 3 });
    world.agree({ ok: true, h: 1, p: [7, 9] });
    expect(world.sent()).toEqual(['37["a"]', '2["e",2]', '39["c"]', '2["e",3]']);
  });

  test("[U47] that are given while there is no link leave with the next one, in order", async () => {
    const socket = agreed();
    let answer: (value: unknown) => void = () => {};
    socket.on("ask", (later) => (answer = later as typeof answer));
    world.receive('27["ask"]');
    world.lose();
    socket.emit("e");
    answer("late");
    await relink();
    world.agree({ ok: true, p: [7] });
    expect(world.sent()).toEqual(['2["e"]', '37["late"]']);
  });

  test("[U47] the server hears of those that are kept no more, and not of those that may still come", async () => {
    const socket = agreed();
    socket.on("ask", (answer) => (answer as () => void)());
    world.receive('20["unheard"]');
    for (let id = 1; id <= 257; id++) world.receive(`2${id}["ask"]`);
    world.lose();
    world.sent();
    await relink();
    world.agree({ ok: true, p: [0, 1, 2] });
    expect(world.sent()).toEqual(["32[]", '2["$","l",[1]]']);
  });

  test("[U47] of large ones the last is kept", async () => {
    const socket = agreed();
    socket.on("ask", (answer) => (answer as (text: string) => void)("x".repeat(70_000)));
    world.receive('21["ask"]', '22["ask"]');
    world.lose();
    world.sent();
    await relink();
    world.agree({ ok: true, p: [1, 2] });
    expect(world.sent()).toEqual([expect.stringMatching(/^32\["x+"]$/), '2["$","l",[1]]']);
  });

  test("[U47] are for nobody once the socket is another", async () => {
    const socket = agreed();
    let answer: () => void = () => {};
    socket.on("ask", (later) => (answer = later as typeof answer));
    world.receive('27["ask"]');
    world.lose();
    await relink();
    world.agree();
    answer();
    expect(world.sent()).toEqual([]);
  });
});

describe("a gap", () => {
  test("[U48] in the reply is told once, and counting goes on from its end", async () => {
    agreed();
    world.receive('2["a"]');
    world.lose();
    await relink();
    const gap = { from: 2, to: 9, why: "overflow" };
    world.agree({ ok: true, gap });
    expect(world.log).toEqual(["suspend transport close", gap, "resume"]);
    world.receive('2["a"]');
    world.lose();
    expect(await relink()).toMatchObject({ n: 10 });
  });

  test("[U48] on the way too", async () => {
    agreed();
    const gap = { from: 1, to: 500, why: "overflow" };
    world.receive('2["$","g",{"from":1,"to":500,"why":"overflow"}]', '2["a"]');
    expect(world.log).toEqual([gap]);
    expect(world.sent()).toEqual(['2["$","a",500]']);
    world.lose();
    expect(await relink()).toMatchObject({ n: 501 });
  });

  test("[U48] also where the client knows of nothing to resume", async () => {
    const socket = world.make();
    socket.resumption.on("gap", (gap) => world.log.push(gap));
    world.open();
    world.sent();
    world.lose();
    await relink();
    const gap = { from: 1, to: 9, why: "trimmed" };
    world.agree({ ok: true, gap });
    expect(world.log.slice(1)).toEqual([gap, "connect"]);
  });
});

describe("what is lost", () => {
  test("[U49] a server that does not know the socket: disconnect, for what broke the link, then lost, then connect", async () => {
    const socket = agreed();
    const promise = socket.emitWithAck("sent");
    world.lose();
    const later = socket.emitWithAck("waiting");
    expect(world.log).toEqual(["suspend transport close"]);
    await relink();
    world.agree({ h: 0 });
    expect(world.log.slice(1)).toEqual(["disconnect transport close", ["lost unknown", ["sent"]], "connect"]);
    await expect(promise).rejects.toMatchObject({ code: "reply_lost" });
    expect(world.sent()).toEqual(['21["waiting"]']);
    world.receive("31[1]");
    await expect(later).resolves.toBe(1);
    expect(socket.recovered).toBe(false);
    world.lose();
    expect(await relink()).toEqual({ k: "secret-of-128-bits-no-1", a: 3, n: 0 });
  });

  test("[U49] so does one that speaks no resumption any more", async () => {
    agreed();
    world.lose();
    await clock.advance(1000);
    world.welcome();
    expect(world.log.slice(1)).toEqual(["disconnect transport close", ["lost unknown"], "connect"]);
  });

  test("[U49] away for too long, counted from the loss; then it is another one", async () => {
    const socket = agreed({ reconnectionDelay: 1e6, reconnectionDelayMax: 1e6 });
    socket.emit("sent");
    world.lose();
    await clock.advance(59_999);
    expect([socket.connected, world.log]).toEqual([true, ["suspend transport close"]]);
    await clock.advance(1);
    expect(world.log.slice(1)).toEqual(["disconnect transport close", ["lost expired", ["sent"]]]);
    expect([socket.connected, socket.id, socket.active]).toEqual([false, undefined, true]);
    await clock.advance(440_000);
    world.open();
    expect(world.sent()).toEqual(['0{"$x":{"rs":{"k":"secret-of-128-bits-no-2","a":2}}}']);
    world.agree();
    expect(world.log.at(-1)).toBe("connect");
  });

  test("[U49] while the server was asked it is the server that decides; if it does not, the time is over", async () => {
    agreed({}, { w: 5000 });
    world.lose();
    await relink();
    await clock.advance(5000);
    expect(world.log).toEqual(["suspend transport close"]);
    world.agree({ ok: true, w: 5000 });
    expect(world.log).toEqual(["suspend transport close", "resume"]);
    world.lose();
    await relink();
    await clock.advance(5000);
    world.log.length = 0;
    world.lose();
    expect(world.log).toEqual(["disconnect transport close", ["lost expired"]]);
  });

  test("[U49] a refusal: then it is not tried again", async () => {
    const socket = agreed();
    socket.emit("sent");
    world.lose();
    await relink();
    world.receive('4{"message":"banned"}');
    expect(world.log.slice(1)).toEqual([
      "disconnect transport close",
      ["lost refused", ["sent"]],
      expect.objectContaining({ code: "refused", message: "banned" }),
    ]);
    expect([socket.connected, socket.active]).toEqual([false, false]);
  });

  test("[U49] what cannot be read ends it, since it would come again", () => {
    const socket = agreed();
    socket.emit("sent");
    world.receive("2[");
    expect(world.log).toEqual(["disconnect parse error", ["lost ended", ["sent"]]]);
  });

  test("[U50] a listener of `lost` may have the events sent again, before what waits", async () => {
    const socket = agreed();
    socket.resumption.on("lost", ({ resend }) => resend());
    socket.emit("e", 1);
    socket.emit("e", 2);
    world.lose();
    world.sent();
    socket.emit("e", 3);
    await relink();
    world.agree();
    expect(world.sent()).toEqual(['2["e",1]', '2["e",2]', '2["e",3]']);
  });

  test("[U50] or later", async () => {
    const socket = agreed();
    let again = (): void => {};
    socket.resumption.on("lost", ({ resend }) => (again = resend));
    socket.emit("e", 1);
    world.lose();
    await relink();
    world.agree();
    expect(world.sent()).toEqual([]);
    again();
    expect(world.sent()).toEqual(['2["e",1]']);
  });

  test("[U50] without a listener it is reported, if there is anything", async () => {
    const socket = world.make();
    world.open();
    world.agree();
    world.lose();
    await relink();
    world.agree();
    expect(world.errors).toEqual([]);
    socket.emit("e", 1);
    world.lose();
    await relink();
    world.agree();
    const lost = { reason: "unknown", unconfirmed: [expect.objectContaining({ data: ["e", 1] })] };
    expect(world.errors).toEqual([
      [
        expect.objectContaining({
          code: "disconnected",
          message: expect.stringContaining("1 events"),
          data: expect.objectContaining(lost),
        }),
        { stage: "resumption" },
      ],
    ]);
  });

  test("[U50] that it was the client's own disconnect() is no news", () => {
    const socket = world.make();
    world.open();
    world.agree();
    socket.emit("e", 1);
    world.lose();
    socket.disconnect();
    expect(world.errors).toEqual([]);
  });

  test("[U50] what a listener of the resumption throws is reported too", () => {
    const socket = agreed();
    const failure = new Error("mine");
    socket.resumption.on("suspend", () => {
      throw failure;
    });
    world.lose();
    expect(world.errors).toEqual([[failure, { stage: "resumption", event: "suspend" }]]);
  });
});

describe("ends that are meant", () => {
  test("[U51] disconnect() ends it at once: the next connect() is another one", async () => {
    const socket = agreed();
    socket.emit("e");
    socket.disconnect();
    expect(world.sent()).toEqual(['2["e"]', "1"]);
    expect(world.log).toEqual(["disconnect io client disconnect"]);
    socket.connect();
    expect(await relink()).toEqual({ k: "secret-of-128-bits-no-2", a: 2 });
  });

  test("[U51] without a link what is unconfirmed is lost", () => {
    const socket = agreed();
    world.lose();
    socket.disconnect();
    expect(world.log.splice(0)).toEqual(["suspend transport close", "disconnect io client disconnect"]);
    expect(clock.pending).toBe(0);
  });

  test("[U51] and that is told", () => {
    const socket = agreed();
    socket.emit("e");
    world.lose();
    socket.disconnect();
    expect(world.log.slice(1)).toEqual(["disconnect io client disconnect", ["lost ended", ["e"]]]);
  });

  test("[U51] the server's DISCONNECT ends it, and what it has not confirmed is told", async () => {
    const socket = agreed();
    const promise = socket.emitWithAck("e");
    world.receive("1");
    expect(world.log).toEqual(["disconnect io server disconnect", ["lost ended", ["e"]]]);
    await expect(promise).rejects.toMatchObject({ code: "disconnected" });
    expect(clock.pending).toBe(0);
  });

  test("[U52] where nobody reconnects it is a disconnect; connect() goes on if it is in time", async () => {
    const socket = agreed({ reconnection: false });
    socket.emit("e");
    world.sent();
    world.lose();
    expect(world.log).toEqual(["suspend transport close", "disconnect transport close"]);
    expect([socket.connected, socket.id]).toEqual([false, undefined]);
    socket.connect();
    expect(await relink()).toEqual({ k: "secret-of-128-bits-no-1", a: 2, n: 0 });
    world.agree({ ok: true });
    expect(world.sent()).toEqual(['2["e"]']);
    expect(world.log.slice(2)).toEqual(["resume", "connect"]);
    expect(socket.recovered).toBe(true);
  });

  test("[U52] when reconnecting is given up, too", async () => {
    const socket = agreed({ reconnectionAttempts: 1 });
    world.lose();
    await clock.advance(1000);
    world.lose();
    expect(world.log.slice(1)).toEqual([
      "disconnect transport close",
      expect.objectContaining({ code: "transport_failed" }),
    ]);
    expect(socket.connected).toBe(false);
  });
});
