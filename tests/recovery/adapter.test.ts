import { SessionAwareAdapter } from "socket.io-adapter";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { changeNetwork, next, secretsOf, settled, World } from "./world.ts";

/** Socket.IO's own recovery in memory, as an adapter of ours: what the adapters for clusters have it from. */
describe("an adapter made for Socket.IO that keeps sessions", () => {
  let world: World;
  beforeEach(async () => {
    world = await World.open("node", "websocket", { adapter: SessionAwareAdapter });
  });
  afterEach(async () => {
    expect(world.errors).toEqual([]);
    await world.close();
  });

  test("[R12] a client that comes back goes on: id, rooms, data, and what it missed by its room, its id and directly", async () => {
    const { client, socket } = await world.enter();
    const heard: unknown[] = [];
    client.on("n", (...args) => heard.push(args.slice(0, -1)));
    socket.join("room");
    socket.data = { name: "Ann" };
    const first = next(client, "n");
    socket.emit("n", 0);
    await first;
    expect(secretsOf(client)).toEqual({
      pid: expect.any(String) as string,
      offset: expect.any(String) as string,
    });
    const gone = next(socket, "disconnect");
    const back = next(client, "connect");
    const arrived = next(world.io, "connection");
    world.proxy.cut();
    await gone;
    world.io.to("room").emit("n", 1);
    socket.emit("n", 2);
    world.io.except("room").emit("n", "not for it");
    world.io.emit("n", 3, Buffer.from([3]));
    await back;
    const [fresh] = (await arrived) as [typeof socket];
    const done = next(client, "end");
    world.io.to("room").emit("end");
    await done;
    expect(heard).toEqual([[0], [1], [2], [3, Buffer.from([3])]]);
    expect([client.recovered, client.id, fresh.recovered, fresh.data]).toEqual([
      true,
      socket.id,
      true,
      { name: "Ann" },
    ]);
    expect([...fresh.rooms].toSorted()).toEqual([socket.id, "room"].toSorted());
  });

  test("[R12, R6] a half-open link: the new connection takes over, there is one socket", async () => {
    const { client, socket } = await world.enter();
    const numbers: unknown[] = [];
    client.on("n", (number) => numbers.push(number));
    const first = next(client, "n");
    world.io.emit("n", 0);
    await first;
    await settled(socket);
    const gone = next(socket, "disconnect");
    const back = next(client, "connect");
    world.proxy.freeze();
    world.io.emit("n", 1);
    await changeNetwork(world, client);
    await back;
    expect((await gone)[0]).toBe("forced close");
    const done = next(client, "end");
    world.io.emit("end");
    await done;
    expect([client.recovered, client.id === socket.id, numbers]).toEqual([true, true, [0, 1]]);
    expect(world.io.sockets.sockets.size).toBe(1);
  });

  test("[R12] an adapter that fails to restore is reported, and the client is a new one", async () => {
    const { client, socket } = await world.enter();
    const first = next(client, "n");
    world.io.emit("n", 0);
    await first;
    const failure = new Error("no store");
    vi.spyOn(world.io.sockets.adapter, "restoreSession").mockRejectedValue(failure);
    const gone = next(socket, "disconnect");
    const back = next(client, "connect");
    world.proxy.cut();
    await gone;
    await back;
    expect([client.recovered, client.id === socket.id]).toEqual([false, false]);
    expect(world.errors.splice(0)).toEqual([failure]);
  });

  test("[R12] the option is complete where adapters read it", () => {
    expect(world.io.opts.connectionStateRecovery).toMatchObject({
      maxDisconnectionDuration: 120_000,
      skipMiddlewares: true,
    });
  });
});
