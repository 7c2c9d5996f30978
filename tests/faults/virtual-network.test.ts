import { Manager, type ManagerOptions, type TransportName } from "@bowline/client";
import { Server, type ServerOptions, type Socket } from "@bowline/server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { VirtualNetwork } from "./virtual-network.ts";

let network: VirtualNetwork;
let io: Server;
let sockets: Socket[];
const errors: unknown[] = [];

function open(options: ServerOptions = {}): void {
  const { runtime } = network;
  io = new Server({ runtime, onError: (error) => errors.push(error), ...options });
  sockets = [];
  io.on("connection", (socket) => sockets.push(socket));
  io.attach(network.host);
}

beforeEach(() => {
  network = new VirtualNetwork(1);
  // Without resumption the ends show what the network does to them.
  open({ resumption: false });
});
afterEach(async () => {
  await io.close();
  expect(errors.splice(0)).toEqual([]);
});

function enter(transport: TransportName, more: ManagerOptions = {}) {
  const place = network.place();
  const options = {
    env: place.env,
    transports: [transport],
    reconnectionDelay: 2_000,
    randomizationFactor: 0,
    ...more,
  };
  const manager = new Manager("http://virtual", options);
  const log: unknown[] = [];
  const client = manager.socket("/");
  client.on("connect", () => log.push("connect"));
  client.on("disconnect", (reason) => log.push(reason));
  client.on("connect_error", (error) => log.push(error.message));
  client.on("n", (n: unknown) => log.push(n));
  return { manager, client, log, place };
}

async function entered(transport: TransportName, more: ManagerOptions = {}) {
  const end = enter(transport, more);
  for (let ms = 0; ms < 1_000 && !end.client.connected; ms += 10) await network.clock.advance(10);
  const socket = sockets.at(-1);
  if (!socket) throw new Error("nobody came");
  const heard: unknown[] = [];
  socket.on("n", (n: unknown) => heard.push(n));
  socket.on("disconnect", (reason) => heard.push(reason));
  expect(end.log.splice(0)).toEqual(["connect"]);
  return { ...end, socket, heard };
}

function gone(socket: Socket | undefined): Promise<unknown> {
  return new Promise((resolve) => socket?.once("disconnect", resolve));
}

describe.each(["websocket", "sse", "polling"] as const)("over %s", (transport) => {
  test("[F8] events and bytes go both ways, in order, each after its delay", async () => {
    const { client, log, socket, heard } = await entered(transport);
    network.delayMs = () => 1 + Math.floor(network.random() * 50);
    for (let n = 0; n < 20; n++) {
      client.emit("n", n);
      socket.emit("n", n);
    }
    client.emit("n", new Uint8Array([1, 2]));
    socket.emit("n", new Uint8Array([3]));
    await network.clock.advance(5_000);
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    expect(heard.slice(0, 20)).toEqual(numbers);
    expect(log.slice(0, 20)).toEqual(numbers);
    expect([...(heard[20] as Uint8Array)]).toEqual([1, 2]);
    expect([...(log[20] as Uint8Array)]).toEqual([3]);
  });

  test("[F9] a cut of which only one end is told, or both", async () => {
    const { log, heard } = await entered(transport);
    network.refuse();
    network.cut("client");
    await network.clock.advance(20);
    expect([log.splice(0).length, heard]).toEqual([1, []]);
    network.thaw();
    await network.clock.advance(10_000);
    expect(log.splice(0).at(-1)).toBe("connect");
    expect(heard).toEqual([]);
    // The first socket is still there: nobody told the server.
    await network.clock.advance(50_000);
    expect(heard).toEqual(["ping timeout"]);
    network.cut();
    const [second] = await Promise.all([gone(sockets.at(-1)), network.clock.advance(10)]);
    expect([second, log]).toEqual([
      expect.stringMatching(/^transport/),
      [expect.stringMatching(/^transport/)],
    ]);
  });

  test("[F9] frozen, nobody notices; healed, all of it comes, in order", async () => {
    const { client, log, socket, heard } = await entered(transport);
    client.emit("n", 0);
    network.freeze();
    for (let n = 1; n < 5; n++) client.emit("n", n);
    socket.emit("n", 7);
    await network.clock.advance(10_000);
    expect([log, heard]).toEqual([[], []]);
    network.heal();
    await network.clock.advance(100);
    expect([log, heard]).toEqual([[7], [0, 1, 2, 3, 4]]);
  });

  test("[F9] late: what went into a dead link comes when another one stands", async () => {
    const { client, manager, log, heard } = await entered(transport);
    network.freeze();
    client.emit("n", 1);
    manager.engine.close();
    network.thaw();
    await network.clock.advance(20_000);
    expect([log.at(-1), sockets.length, heard]).toEqual(["connect", 2, []]);
    // The end of its poll, which would come as well, ends the session at once.
    const carriers = network.links.filter(
      (link) => link.isFrozen && link.method === (transport === "websocket" ? "GET" : "POST"),
    );
    for (const link of carriers) link.deliverLate();
    await network.clock.advance(100);
    expect(heard.slice(0, 1)).toEqual([1]);
  });

  test("[F10] the same seed does the same, another one something else", async () => {
    const runs: string[] = [];
    for (const seed of [7, 7, 8]) {
      await io.close();
      network = new VirtualNetwork(seed);
      open();
      network.delayMs = () => Math.floor(network.random() * 100);
      const trace: unknown[] = [];
      network.onLink = ({ number, method }) => trace.push([number, method, network.clock.now()]);
      const { client, log } = enter(transport);
      for (let step = 0; step < 30; step++) {
        client.emit("n", step);
        io.emit("n", step);
        await network.clock.advance(network.random() * 200);
        if (step % 10 === 9) network.cut();
      }
      trace.push(
        log,
        sockets.map(({ id }) => id),
      );
      runs.push(JSON.stringify(trace));
    }
    expect(runs[1]).toBe(runs[0]);
    expect(runs[2]).not.toBe(runs[0]);
  });
});

test("[F9] requests are lost before the server or behind it, or come twice", async () => {
  const { client, log, heard } = await entered("polling", { timestampRequests: false });
  const fates: ((link: Parameters<NonNullable<typeof network.onLink>>[0]) => void)[] = [
    (link) => (link.isDoubled = true),
    (link) => link.loseAnswer(),
    (link) => link.cut("client"),
  ];
  for (const fate of fates) {
    network.onLink = (link) => void (link.method === "POST" && fate(link));
    client.emit("n", fates.indexOf(fate));
    await network.clock.advance(50);
  }
  // Without `t` the server cannot know what came twice as such; what is lost with its answer, it has.
  expect(heard.filter((n) => typeof n === "number")).toEqual([0, 0, 1]);
  network.onLink = undefined;
  expect(log.length).toBeGreaterThan(0);
});

test("[F9] new links lead nowhere, break at once, or are taken by nobody's path", async () => {
  network.freeze();
  const { log, client, manager } = enter("websocket");
  await network.clock.advance(3_000);
  expect(log).toEqual([]);
  network.thaw();
  network.refuse();
  await network.clock.advance(30_000);
  expect(log.length).toBeGreaterThan(1);
  network.thaw();
  await network.clock.advance(60_000);
  expect([log.at(-1), client.connected]).toEqual(["connect", true]);
  manager.engine.close();
});

test.each(["websocket", "sse"] as const)(
  "[F11] a client that reads nothing, over %s: what is said waits",
  async (transport) => {
    const { log, socket } = await entered(transport);
    for (const link of network.links) link.stall();
    for (let n = 0; n < 5; n++) socket.emit("n", n);
    await network.clock.advance(100);
    const text = '42["n",0]';
    expect(log).toEqual([]);
    expect(socket.conn.bufferedAmount).toBeGreaterThanOrEqual(5 * text.length);
    for (const link of network.links) link.read();
    expect(socket.conn.bufferedAmount).toBe(0);
    await network.clock.advance(100);
    expect(log).toEqual([0, 1, 2, 3, 4]);
  },
);

test("[O8] the server's time is that of its runtime: hours of heartbeats in no time", async () => {
  const { log, manager } = await entered("websocket");
  let pings = 0;
  manager.on("ping", () => pings++);
  await network.clock.advance(3_600_000);
  expect([pings, log]).toEqual([143, []]);
  expect(sockets[0]?.handshake.issued).toBe(1_700_000_000_001);
});
