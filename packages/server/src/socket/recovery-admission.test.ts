import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RecoveryClient, RecoveryWorld } from "../testing/recovery-world.ts";
import type { Socket } from "./socket.ts";

let world: RecoveryWorld;
beforeEach(() => {
  world = new RecoveryWorld({ skipMiddlewares: false });
});
afterEach(() => expect(world.errors).toEqual([]));

function client(): Promise<RecoveryClient> {
  return new RecoveryClient(world).connect();
}

/** From now on the middleware waits for the test. */
function holdMiddleware(): { socket: Socket; next: (error?: Error) => void }[] {
  const held: { socket: Socket; next: (error?: Error) => void }[] = [];
  world.nsp.use((socket, next) => void held.push({ socket, next }));
  return held;
}

test("[R7] by default the middleware is not asked about who comes back, only about who is new", async () => {
  world = new RecoveryWorld();
  const asked: boolean[] = [];
  world.nsp.use((socket, next) => {
    asked.push(socket.recovered);
    next();
  });
  const one = await client();
  await one.cut().connect();
  expect([one.recovered, asked]).toEqual([true, [false]]);
});

test("[R7] the middleware sees pid and offset in the auth, and what is restored", async () => {
  const one = await client();
  world.socket(one.id ?? "").join("room");
  world.socket(one.id ?? "").data.name = "Ann";
  world.nsp.emit("a");
  one.cut();
  const held = holdMiddleware();
  await one.connect();
  const [first] = held;
  expect([first?.socket.recovered, first?.socket.id, first?.socket.data]).toEqual([
    true,
    one.id,
    { name: "Ann" },
  ]);
  expect([...(first?.socket.rooms ?? [])]).toEqual([one.id, "room"]);
  expect(first?.socket.handshake.auth).toEqual({ pid: one.pid, offset: one.offset });
  first?.next();
  expect(one.read().recovered).toBe(true);
});

describe("while the middleware thinks", () => {
  test("[R7] the live socket goes on; it is taken over when the new one is let in", async () => {
    const one = await client();
    const old = world.socket(one.id ?? "");
    const held = holdMiddleware();
    one.loseLink();
    await one.connect();
    expect([old.connected, world.nsp.sockets.get(old.id) === old, one.frames]).toEqual([
      true,
      true,
      [expect.stringMatching(/^40/)],
    ]);
    world.nsp.emit("between", 1);
    old.join("late");
    old.data = { name: "Ann" };
    world.nsp.to("late").emit("between", 2);
    held[0]?.next();
    expect([old.connected, one.read().recovered]).toEqual([false, true]);
    expect(one.heard()).toEqual([
      ["between", 1],
      ["between", 2],
    ]);
    expect([...world.socket(old.id).rooms]).toEqual([old.id, "late"]);
    expect(world.socket(old.id).data).toEqual({ name: "Ann" });
  });

  test("[R7] refused, the live socket and the session stay as they are", async () => {
    const one = await client();
    const old = world.socket(one.id ?? "");
    const held = holdMiddleware();
    const oldPeer = one.loseLink();
    await one.connect();
    held[0]?.next(new Error("banned"));
    expect(one.read().frames.at(-1)).toBe('44{"message":"banned"}');
    expect([old.connected, oldPeer?.state]).toEqual([true, "open"]);
    oldPeer?.drop();
    await one.connect();
    held[1]?.next();
    expect(one.read().recovered).toBe(true);
  });

  test("[R7] rooms that the middleware joins and leaves are joined and left, and count from there", async () => {
    const one = await client();
    world.socket(one.id ?? "").join(["kept", "left"]);
    one.cut();
    world.nsp.to("left").emit("missed", 1);
    world.nsp.to("new").emit("not for it");
    const held = holdMiddleware();
    await one.connect();
    held[0]?.socket.join("new");
    held[0]?.socket.leave("left");
    held[0]?.next();
    expect([...world.socket(one.id ?? "").rooms]).toEqual([one.id, "kept", "new"]);
    expect(one.read().events.map((data) => data.slice(0, -1))).toEqual([["missed", 1]]);
    one.loseLink(); // what came was not received
    one.events = [];
    one.offset = undefined;
    world.nsp.to("left").emit("not for it");
    world.nsp.to("new").emit("missed", 2);
    await one.connect();
    held[1]?.next();
    expect([one.heard(), one.recovered]).toEqual([
      [
        ["missed", 1],
        ["missed", 2],
      ],
      true,
    ]);
  });

  test("[R7] what it emits itself comes behind what was missed", async () => {
    const one = await client();
    one.cut();
    world.nsp.emit("missed");
    const held = holdMiddleware();
    await one.connect();
    held[0]?.socket.emit("from the middleware");
    held[0]?.next();
    expect(one.heard()).toEqual([["missed"], ["from the middleware"]]);
  });

  test("[R7] two that ask for the same session: both are let in, the later is the owner", async () => {
    const one = await client();
    one.cut();
    const two = new RecoveryClient(world);
    two.pid = one.pid;
    const held = holdMiddleware();
    await one.connect();
    await two.connect();
    held[0]?.next();
    expect(one.read().recovered).toBe(true);
    held[1]?.next();
    expect([two.read().recovered, one.read().connected, world.nsp.sockets.size]).toEqual([true, false, 1]);
  });

  test("[R7] a session that is lost meanwhile makes it a new client, whom the middleware is asked about anew", async () => {
    const one = await client();
    const { id } = one.cut();
    const held = holdMiddleware();
    await one.connect();
    for (let ping = 0; ping < 5; ping++) {
      await world.clock.advance(25_500);
      one.peer?.receive("3");
    }
    held[0]?.next();
    expect(one.read().connected).toBe(false);
    expect([held[1]?.socket.recovered, held[1]?.socket.id === id]).toEqual([false, false]);
    held[1]?.next();
    expect([one.read().connected, one.recovered, one.id === id]).toEqual([true, false, false]);
    expect(world.nsp.sockets.size).toBe(1);
  });

  test("[R7] one that leaves meanwhile leaves the session for the next", async () => {
    const one = await client();
    one.cut();
    const held = holdMiddleware();
    await one.connect();
    one.cut();
    held[0]?.next();
    expect([world.nsp.sockets.size, world.recovery.size.away]).toEqual([0, 1]);
    await one.connect();
    held[1]?.next();
    expect(one.read().recovered).toBe(true);
  });

  test("[R6] a takeover whose listeners close the new connection leaves the session for the next", async () => {
    const one = await client();
    const held = holdMiddleware();
    one.loseLink();
    await one.connect();
    world.socket(one.id ?? "").on("disconnect", () => one.cut());
    held[0]?.next();
    expect([world.nsp.sockets.size, world.recovery.size.away]).toEqual([0, 1]);
    await one.connect();
    held[1]?.next();
    expect(one.read().recovered).toBe(true);
  });
});

test("[R6] a CONNECT that comes late, on a connection that its client gave up, takes nothing", async () => {
  world = new RecoveryWorld();
  const one = await client();
  const late = await world.link();
  one.loseLink();
  await one.connect();
  expect(one.recovered).toBe(true);
  late.receive(`40${JSON.stringify({ pid: one.pid })}`);
  expect([late.state, late.takeSent().some((frame) => String(frame).startsWith("40"))]).toEqual([
    "closed",
    false,
  ]);
  world.nsp.emit("a");
  expect([one.heard(), one.connected, world.nsp.sockets.size]).toEqual([[["a"]], true, 1]);
});

test("[R6] nor does one whose middleware is slower than that of the connection behind it", async () => {
  const one = await client();
  const held = holdMiddleware();
  one.loseLink();
  await one.connect();
  const given = one.loseLink();
  await one.connect();
  held[1]?.next();
  expect(one.read().recovered).toBe(true);
  held[0]?.next();
  expect([given?.state, one.read().connected, world.nsp.sockets.size]).toEqual(["closed", true, 1]);
});
