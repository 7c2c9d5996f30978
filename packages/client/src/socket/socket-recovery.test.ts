import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, expect, test } from "vitest";
import { acceptSocket } from "../testing/fake-env.ts";
import { type SocketHarness, socketHarness } from "../testing/socket-harness.ts";

let clock: VirtualClock;
let world: SocketHarness;

beforeEach(() => {
  clock = virtualClock();
  world = socketHarness(clock);
});

/** The link breaks and comes again; gives the CONNECT that the client sends then. */
async function reconnect(): Promise<unknown> {
  world.lose();
  await clock.advance(1000);
  acceptSocket(world.env);
  return world.sent()[0];
}

test("[R20] after a drop the client names its session and the last offset, beside its auth", async () => {
  const socket = world.make({ auth: { token: "t" } });
  acceptSocket(world.env);
  expect(world.sent()).toEqual(['0{"token":"t"}']);
  world.receive('0{"sid":"id","pid":"p"}', '2["a",1,"e.1"]', '2["b","e.2"]');
  expect(socket.recovered).toBe(false);
  expect(await reconnect()).toBe('0{"pid":"p","offset":"e.2","token":"t"}');
  world.receive('0{"sid":"id","pid":"p"}');
  expect([socket.recovered, socket.id]).toEqual([true, "id"]);
});

test("[R20] a session without any event has no offset", async () => {
  world.make();
  acceptSocket(world.env);
  world.receive('0{"sid":"id","pid":"p"}');
  world.sent();
  expect(await reconnect()).toBe('0{"pid":"p"}');
});

test("[R20] what the server sent before CONNECT counts, and is delivered before `connect`", async () => {
  const socket = world.make();
  acceptSocket(world.env);
  world.receive('0{"sid":"id","pid":"p"}', '2["a","e.1"]');
  await reconnect();
  socket.on("missed", () => world.log.push(`missed ${socket.recovered}`));
  world.receive('2["missed","e.2"]', '0{"sid":"id","pid":"p"}');
  expect(world.log.slice(-2)).toEqual(["missed true", "connect"]);
  expect(await reconnect()).toBe('0{"pid":"p","offset":"e.2"}');
});

test("[R20] an event that wants an answer, and one that ends in no string, are no offset", async () => {
  world.make();
  acceptSocket(world.env);
  world.receive('0{"sid":"id","pid":"p"}', '2["a","e.1"]', '27["asked","text"]', '2["v",{}]');
  world.sent();
  expect(await reconnect()).toBe('0{"pid":"p","offset":"e.1"}');
});

test("[R20] another session is not recovered; none at all leaves no trace", async () => {
  const socket = world.make();
  acceptSocket(world.env);
  world.receive('0{"sid":"id","pid":"p"}', '2["a","e.1"]');
  await reconnect();
  world.receive('0{"sid":"id2","pid":"q"}');
  expect([socket.recovered, socket.id]).toEqual([false, "id2"]);
  await reconnect();
  world.receive('0{"sid":"id3"}', '2["a","text"]');
  expect(socket.recovered).toBe(false);
  expect(await reconnect()).toBe("0");
});
