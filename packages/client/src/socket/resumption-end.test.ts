import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { openPacket } from "../testing/fake-env.ts";
import { type ResumptionHarness, resumptionHarness } from "../testing/resumption-harness.ts";

let clock: VirtualClock;
let world: ResumptionHarness;

beforeEach(() => {
  clock = virtualClock();
  world = resumptionHarness(clock);
});

describe("what is lost", () => {
  test("[U49] a server that does not know the socket: disconnect, for what broke the link, then lost, then connect", async () => {
    const socket = world.agreed();
    const promise = socket.emitWithAck("sent");
    world.lose();
    const later = socket.emitWithAck("waiting");
    expect(world.log).toEqual(["suspend transport close"]);
    await world.relink();
    world.agree({ h: 0 });
    expect(world.log.slice(1)).toEqual(["disconnect transport close", ["lost unknown", ["sent"]], "connect"]);
    await expect(promise).rejects.toMatchObject({ code: "reply_lost" });
    expect(world.sent()).toEqual(['21["waiting"]']);
    world.receive("31[1]");
    await expect(later).resolves.toBe(1);
    expect(socket.recovered).toBe(false);
    world.lose();
    expect(await world.relink()).toEqual({ k: "secret-of-128-bits-no-1", a: 3, n: 0, s: "socket-id" });
  });

  test("[U49] a window that is longer than a timer may run is no short one", async () => {
    const setTimer = vi.spyOn(world.env, "setTimer");
    world.agreed({}, { w: 1e15 });
    world.lose();
    expect(Math.max(...setTimer.mock.calls.map(([, delayMs]) => delayMs))).toBe(2e9);
  });

  test("[U49] so does one that speaks no resumption any more", async () => {
    world.agreed();
    world.lose();
    await clock.advance(1000);
    world.welcome();
    expect(world.log.slice(1)).toEqual(["disconnect transport close", ["lost unknown"], "connect"]);
  });

  test("[U49] away for too long, counted from the loss; then it is another one", async () => {
    const socket = world.agreed({ reconnectionDelay: 1e6, reconnectionDelayMax: 1e6 });
    socket.emit("sent");
    world.lose();
    await clock.advance(59_999);
    expect([socket.connected, world.log]).toEqual([true, ["suspend transport close"]]);
    await clock.advance(1);
    expect(world.log.slice(1)).toEqual(["disconnect transport close", ["lost expired", ["sent"]]]);
    expect([socket.connected, socket.id, socket.active]).toEqual([false, undefined, true]);
    await clock.advance(440_000);
    world.open();
    expect(world.sent()).toEqual(['0{"$x":{"rs":{"k":"secret-of-128-bits-no-1","a":2,"n":0,"s":""}}}']);
    world.agree();
    expect(world.log.at(-1)).toBe("connect");
  });

  test("[U49] while the server was asked it is the server that decides; if it does not, the time is over", async () => {
    world.agreed({}, { w: 5000 });
    world.lose();
    await world.relink();
    await clock.advance(5000);
    expect(world.log).toEqual(["suspend transport close"]);
    world.agree({ ok: true, w: 5000 });
    expect(world.log).toEqual(["suspend transport close", "resume"]);
    world.lose();
    await world.relink();
    await clock.advance(5000);
    world.log.length = 0;
    world.lose();
    const attempt = expect.objectContaining({ code: "transport_failed" }) as unknown; // as C47 has it
    expect(world.log).toEqual(["disconnect transport close", ["lost expired"], attempt]);
  });

  test("[U49] a refusal: then it is not tried again", async () => {
    const socket = world.agreed();
    socket.emit("sent");
    world.lose();
    await world.relink();
    world.receive('4{"message":"banned"}');
    expect(world.log.slice(1)).toEqual([
      "disconnect transport close",
      ["lost refused", ["sent"]],
      expect.objectContaining({ code: "refused", message: "banned" }),
    ]);
    expect([socket.connected, socket.active]).toEqual([false, false]);
  });

  test("[U49] what cannot be read ends it, since it would come again", () => {
    const socket = world.agreed();
    socket.emit("sent");
    world.receive("2[");
    expect(world.log).toEqual(["disconnect parse error", ["lost ended", ["sent"]]]);
  });

  test("[U49] so does what is too large for somebody on the way, where something was sent", () => {
    const socket = world.agreed();
    const other = socket.io.socket("/other");
    world.receive('0/other,{"sid":"o","$x":{"rs":{"w":60000,"h":0}}}');
    socket.emit("sent");
    world.env.socket().listener.close(1009, "");
    expect(world.log).toEqual(["disconnect transport close", ["lost ended", ["sent"]]]);
    expect([socket.connected, other.connected]).toEqual([false, true]);
  });

  test("[U49] over HTTP too", async () => {
    const socket = world.make({ transports: ["sse"] });
    socket.resumption.on("lost", ({ reason }) => world.log.push(reason));
    const { env } = world;
    env.request("GET").stream(`data:${openPacket({ ext: { rs: 1 } })}\n\ndata:6\n\n`);
    await clock.advance(0);
    env.request("POST").answer("ok");
    env.request("GET").stream('data:40{"sid":"id","$x":{"rs":{"w":60000,"h":0}}}\n\n');
    await clock.advance(0);
    socket.emit("large");
    env.request("POST").answer("", 413);
    await clock.advance(0);
    env.request("POST").answer("ok");
    await clock.advance(0);
    expect(world.log).toEqual(["connect", "disconnect transport error", "ended"]);
  });

  test("[U50] a listener of `lost` may have the events sent again, before what waits", async () => {
    const socket = world.agreed();
    socket.resumption.on("lost", ({ resend }) => resend());
    socket.emit("e", 1);
    socket.emit("e", 2);
    world.lose();
    world.sent();
    socket.emit("e", 3);
    await world.relink();
    world.agree();
    expect(world.sent()).toEqual(['2["e",1]', '2["e",2]', '2["e",3]']);
  });

  test("[U50] or later", async () => {
    const socket = world.agreed();
    let again = (): void => {};
    socket.resumption.on("lost", ({ resend }) => (again = resend));
    socket.emit("e", 1);
    world.lose();
    await world.relink();
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
    await world.relink();
    world.agree();
    expect(world.errors).toEqual([]);
    socket.emit("e", 1);
    world.lose();
    await world.relink();
    world.agree();
    const lost = { reason: "unknown", unconfirmed: [expect.objectContaining({ data: ["e", 1] })] };
    expect(world.errors).toEqual([
      [
        expect.objectContaining({
          code: "disconnected",
          message: expect.stringContaining("1 events"),
          data: expect.objectContaining(lost),
        }),
        { stage: "resumption", event: "lost" },
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
    const socket = world.agreed();
    const failure = new Error("mine");
    socket.resumption.on("suspend", () => {
      throw failure;
    });
    world.lose();
    expect(world.errors).toEqual([[failure, { stage: "resumption", event: "suspend" }]]);
  });
});

describe("resend()", () => {
  test("[U50] sends again once, however often and late it is called", async () => {
    const socket = world.agreed();
    let resend = (): void => {};
    socket.resumption.on("lost", (lost) => {
      ({ resend } = lost);
      resend();
      resend();
    });
    socket.emit("sent");
    world.lose();
    await world.relink();
    world.agree();
    resend();
    expect(world.sent()).toEqual(['2["sent"]']);
    expect(socket.resumption.unconfirmed).toBe(1);
    world.receive('2["$","a",1]');
    resend();
    expect([world.sent(), socket.resumption.unconfirmed]).toEqual([[], 0]);
  });
});

describe("ends that are meant", () => {
  test("[U51] disconnect() ends it at once: the next connect() is another one", async () => {
    const socket = world.agreed();
    socket.emit("e");
    socket.disconnect();
    expect(world.sent()).toEqual(['2["e"]', "1"]);
    expect(world.log).toEqual(["disconnect io client disconnect"]);
    socket.connect();
    expect(await world.relink()).toEqual({ k: "secret-of-128-bits-no-1", a: 2, n: 0, s: "" });
    world.agree();
    world.lose();
    expect(await world.relink()).toEqual({ k: "secret-of-128-bits-no-1", a: 3, n: 0, s: "socket-id" });
  });

  test("[U51] what was on its way then is not the next one's, and does not count", async () => {
    const socket = world.agreed();
    socket.on("late", () => world.log.push("late"));
    socket.disconnect();
    socket.connect();
    world.open();
    world.receive('2["late"]');
    world.agree();
    expect(world.log).toEqual(["disconnect io client disconnect", "connect"]);
    world.lose();
    expect(await world.relink()).toMatchObject({ n: 0 });
  });

  test("[U51] also when the server has not said anything yet, and may know the socket", async () => {
    const socket = world.make();
    socket.disconnect().connect();
    world.open();
    expect(world.sent()).toEqual(['0{"$x":{"rs":{"k":"secret-of-128-bits-no-1","a":1,"n":0,"s":""}}}']);
    world.lose();
    socket.disconnect().connect();
    expect(await world.relink()).toMatchObject({ a: 2, n: 0, s: "" });
  });

  test("[U51] without a link what is unconfirmed is lost", () => {
    const socket = world.agreed();
    world.lose();
    socket.disconnect();
    expect(world.log.splice(0)).toEqual(["suspend transport close", "disconnect io client disconnect"]);
    expect(clock.pending).toBe(0);
  });

  test("[U51] and that is told", () => {
    const socket = world.agreed();
    socket.emit("e");
    world.lose();
    socket.disconnect();
    expect(world.log.slice(1)).toEqual(["disconnect io client disconnect", ["lost ended", ["e"]]]);
  });

  test("[U51] the server's DISCONNECT ends it, and what it has not confirmed is told", async () => {
    const socket = world.agreed();
    const promise = socket.emitWithAck("e");
    world.receive("1");
    expect(world.log).toEqual(["disconnect io server disconnect", ["lost ended", ["e"]]]);
    await expect(promise).rejects.toMatchObject({ code: "disconnected" });
    expect(clock.pending).toBe(0);
  });

  test("[U52] where nobody reconnects it is a disconnect; connect() goes on if it is in time", async () => {
    const socket = world.agreed({ reconnection: false });
    socket.emit("e");
    world.sent();
    world.lose();
    expect(world.log).toEqual(["suspend transport close", "disconnect transport close"]);
    expect([socket.connected, socket.id]).toEqual([false, undefined]);
    socket.connect();
    expect(await world.relink()).toEqual({ k: "secret-of-128-bits-no-1", a: 2, n: 0, s: "socket-id" });
    world.agree({ ok: true });
    expect(world.sent()).toEqual(['2["e"]']);
    expect(world.log.slice(2)).toEqual(["resume", "connect"]);
    expect(socket.recovered).toBe(true);
  });

  test("[U52] when reconnecting is given up, too", async () => {
    const socket = world.agreed({ reconnectionAttempts: 1 });
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
