import { expect } from "vitest";
import type { Row } from "../row.ts";
import { fence, once } from "../wait.ts";

const QUICK = { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 };

const engineCloses: Row = {
  name: "the client's engine is closed: a forced close, after which it is back by itself",
  server: { resumption: false },
  async run(cell) {
    const { client, socket } = await cell.connect("/", QUICK);
    const { engine } = client.io;
    const reasons = [once(client, "disconnect"), once(socket, "disconnect")];
    const closed = new Promise<string>((resolve) => engine.once("close", resolve));
    const arrived = cell.arrival();
    engine.close();
    const [[reason]] = (await Promise.all(reasons)) as [unknown[], unknown[]];
    expect([reason, await closed, engine.readyState]).toEqual(["forced close", "forced close", "closed"]);
    await arrived;
    if (!client.connected) await once(client, "connect");
    expect(client.io.engine).not.toBe(engine);
    expect(client.io.engine.readyState).toBe("open");
  },
};

const enginePackets: Row = {
  name: "the client's engine tells of the packets that come and go, and when they have left",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const { engine } = client.io;
    const seen: string[] = [];
    engine.on("packetCreate", ({ type, data }) => type === "message" && seen.push(`out ${String(data)}`));
    engine.on("packet", ({ type, data }) => type === "message" && seen.push(`in ${String(data)}`));
    socket.on("there", () => socket.emit("back", 1));
    const back = once(client, "back");
    client.emit("there");
    await new Promise<void>((resolve) => engine.once("drain", resolve));
    expect(seen[0]).toBe('out 2["there"]');
    await back;
    expect(seen).toEqual(['out 2["there"]', 'in 2["back",1]']);
  },
};

const settings: Row = {
  name: "the manager's settings are read and written, and its query counts at the next connection",
  server: { resumption: false },
  async run(cell) {
    const { client } = await cell.connect("/", QUICK);
    const manager = client.io;
    expect([manager.reconnection(), manager.reconnectionDelay(), manager.timeout()]).toEqual([
      true,
      10,
      20_000,
    ]);
    manager.reconnectionDelay(15);
    manager.timeout(3_000);
    expect([manager.reconnectionDelay(), manager.timeout()]).toEqual([15, 3_000]);
    manager.opts.query = { token: "new" };
    const arrived = cell.arrival();
    manager.engine.close();
    expect((await arrived).handshake.query["token"]).toBe("new");
  },
};

const buffered: Row = {
  name: "what is emitted before the connection is in sendBuffer, and arrives in order",
  async run(cell) {
    const arrived = cell.arrival();
    const client = cell.dial("/", { autoConnect: false });
    client.emit("a", 1);
    client.emit("b");
    expect(client.sendBuffer.map(({ data }) => data)).toEqual([["a", 1], ["b"]]);
    client.connect();
    const socket = await arrived;
    const heard: unknown[] = [];
    socket.onAny((event, ...args) => heard.push([event, ...args]));
    await once(client, "connect");
    expect(client.sendBuffer).toEqual([]);
    await fence(client, socket);
    expect(heard.slice(0, 2)).toEqual([["a", 1], ["b"]]);
  },
};

const listeners: Row = {
  name: "listeners of the client are called in the order of adding with the socket as this, and removed by every name",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const heard: unknown[] = [];
    const listener = function (this: unknown, ...args: unknown[]): void {
      heard.push(["listener", this === client, ...args]);
    };
    client.on("event", listener);
    client.once("event", () => heard.push("once"));
    client.on("event", (first: unknown) => heard.push(first));
    expect([client.listeners("event").length, client.hasListeners("event")]).toEqual([3, true]);
    socket.emit("event", 1);
    socket.emit("event", 2);
    await fence(socket, client);
    expect(heard).toEqual([["listener", true, 1], "once", 1, ["listener", true, 2], 2]);
    for (const remove of ["off", "removeListener"] as const) {
      client.on(remove, listener);
      client[remove](remove, listener);
      expect(client.hasListeners(remove)).toBe(false);
    }
    client.removeAllListeners("event");
    expect(client.listeners("event")).toEqual([]);
  },
};

export const group: readonly Row[] = [engineCloses, enginePackets, settings, buffered, listeners];
