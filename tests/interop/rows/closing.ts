import { expect } from "vitest";
import type { Cell, Ends } from "../cell.ts";
import type { Row } from "../row.ts";
import { fence, inbox, once } from "../wait.ts";

/** The reasons that both ends give for what `end` does: `[server, client]`. */
async function reasons(ends: Ends, end: () => unknown): Promise<unknown[]> {
  const atServer = once(ends.socket, "disconnect");
  const atClient = once(ends.client, "disconnect");
  end();
  return [(await atServer)[0], (await atClient)[0]];
}

const byClient: Row = {
  name: "client.disconnect(): client namespace disconnect, io client disconnect",
  async run(cell) {
    const ends = await cell.connect();
    expect(await reasons(ends, () => ends.client.disconnect())).toEqual([
      "client namespace disconnect",
      "io client disconnect",
    ]);
    expect([ends.client.connected, ends.client.disconnected, ends.client.active]).toEqual([
      false,
      true,
      false,
    ]);
    expect([ends.socket.connected, ends.socket.disconnected]).toEqual([false, true]);
  },
};

const byServer: Row = {
  name: "socket.disconnect(): server namespace disconnect, io server disconnect, and no way back by itself",
  async run(cell) {
    const ends = await cell.connect("/", { reconnection: true, reconnectionDelay: 1 });
    expect(await reasons(ends, () => ends.socket.disconnect())).toEqual([
      "server namespace disconnect",
      "io server disconnect",
    ]);
    expect([ends.client.connected, ends.client.active, ends.socket.connected]).toEqual([false, false, false]);
    ends.client.connect();
    await once(ends.client, "connect");
    expect(ends.client.id).not.toBe(ends.socket.id);
  },
};

const byServerWithClose: Row = {
  name: "socket.disconnect(true) ends every namespace of the connection and the connection",
  async run(cell) {
    cell.io.of("/a");
    const main = await cell.connect("/", { reconnection: true, reconnectionDelay: 1 });
    const client = main.client.io.socket("/a");
    await once(client, "connect");
    const other = { client, socket: cell.socketOf(client, "/a") };
    const closed = once(main.client.io, "close");
    const both = Promise.all([
      reasons(other, () => undefined),
      reasons(main, () => main.socket.disconnect(true)),
    ]);
    expect(await both).toEqual([
      ["server namespace disconnect", "io server disconnect"],
      ["server namespace disconnect", "io server disconnect"],
    ]);
    await closed;
    expect([main.client.active, client.active]).toEqual([false, false]);
  },
};

const byShutdown: Row = {
  name: "io.close(): server shutting down, transport close",
  async run(cell) {
    cell.io.of("/a");
    const main = await cell.connectAtRest();
    const other = await cell.connectAtRest("/a");
    const both = Promise.all([reasons(other, () => undefined), reasons(main, () => void cell.io.close())]);
    expect(await both).toEqual([
      ["server shutting down", "transport close"],
      ["server shutting down", "transport close"],
    ]);
  },
};

const clientsLastWords: Row = {
  name: "what the client emits right before disconnect() arrives in order, as far as it arrives",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const gone = once(socket, "disconnect");
    const box = inbox(socket, "last", "words");
    client.emit("last", 1);
    client.emit("words", Buffer.from([1]));
    client.disconnect();
    await gone;
    // The stock server drops what came in one piece with the DISCONNECT.
    expect(["last", "words"].slice(0, box.events.length)).toEqual(box.events.map(([name]) => name));
  },
};

async function lastWords({ client, socket }: Ends, close: boolean): Promise<void> {
  const box = inbox(client);
  const gone = once(client, "disconnect");
  socket.emit("last", 1);
  socket.emit("words", Buffer.from([1]));
  socket.disconnect(close);
  await gone;
  expect(box.events.map(([name]) => name)).toEqual(["last", "words"]);
}

const serversLastWords: Row = {
  name: "what the server emits right before disconnect() and disconnect(true) still arrives",
  async run(cell) {
    await lastWords(await cell.connect(), false);
    await lastWords(await cell.connect(), true);
  },
};

const duringUpgrade: Row = {
  name: "a disconnect while the connection is being upgraded ends both ends all the same",
  async run(cell) {
    const byClientEarly = await cell.connectEarly();
    expect(await reasons(byClientEarly, () => byClientEarly.client.disconnect())).toEqual([
      "client namespace disconnect",
      "io client disconnect",
    ]);
    const byServerEarly = await cell.connectEarly();
    expect(await reasons(byServerEarly, () => byServerEarly.socket.disconnect())).toEqual([
      "server namespace disconnect",
      "io server disconnect",
    ]);
    const closedEarly = await cell.connectEarly();
    expect(await reasons(closedEarly, () => closedEarly.socket.disconnect(true))).toEqual([
      "server namespace disconnect",
      "io server disconnect",
    ]);
  },
};

const inHandler: Row = {
  name: "the server may disconnect in the connection handler: connect, what it emitted, then the end",
  async run(cell) {
    cell.io.on("connection", (socket: Ends["socket"]) => {
      socket.emit("sorry", 1);
      socket.disconnect();
    });
    const client = cell.dial();
    const seen: unknown[] = [];
    client.on("connect", () => seen.push("connect"));
    client.on("sorry", (n: number) => seen.push(n));
    seen.push((await once(client, "disconnect"))[0]);
    expect(seen).toEqual(["connect", 1, "io server disconnect"]);
  },
};

const afterTheEnd: Row = {
  name: "after the end neither end receives what the other still emits, and nothing throws",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const gone = once(socket, "disconnect");
    client.disconnect();
    await gone;
    const [atServer, atClient] = [inbox(socket, "late"), inbox(client)];
    socket.emit("late");
    socket.disconnect();
    socket.disconnect(true);
    client.disconnect();
    await socket.join("room");
    cell.io.to("room").emit("late");
    const other = await cell.connect();
    await fence(other.socket, other.client);
    expect([atServer.events, atClient.events]).toEqual([[], []]);
  },
};

const again: Row = {
  name: "disconnect() and connect() in one go give a new socket",
  async run(cell: Cell) {
    const { client, socket } = await cell.connect();
    const gone = once(socket, "disconnect");
    const connected = once(client, "connect");
    client.disconnect();
    client.connect();
    await Promise.all([gone, connected]);
    expect(client.id).not.toBe(socket.id);
    await fence(cell.io, client);
  },
};

export const group: readonly Row[] = [
  byClient,
  byServer,
  byServerWithClose,
  byShutdown,
  clientsLastWords,
  serversLastWords,
  duringUpgrade,
  inHandler,
  afterTheEnd,
  again,
];
