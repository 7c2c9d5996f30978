import { expect } from "vitest";
import type { Row } from "../row.ts";
import { fence, inbox, once } from "../wait.ts";

const custom: Row = {
  name: "a custom namespace is its own: events of the main one do not reach it",
  async run(cell) {
    cell.io.of("/chat");
    const { client, socket } = await cell.connect("/chat");
    expect(socket.nsp.name).toBe("/chat");
    const box = inbox(client);
    cell.io.emit("main");
    cell.io.of("/other").emit("other");
    cell.io.of("/chat").emit("chat", 1);
    expect(await box.upToFence((fence) => socket.emit(fence))).toEqual([["chat", 1]]);
  },
};

const twoOnOne: Row = {
  name: "two namespaces share one connection and have ids of their own",
  async run(cell) {
    cell.io.of("/a");
    const main = await cell.connect();
    const client = main.client.io.socket("/a");
    await once(client, "connect");
    const socket = cell.socketOf(client, "/a");
    expect(client.io).toBe(main.client.io);
    expect(new Set([client.id, main.client.id]).size).toBe(2);
    const onMain = inbox(main.socket, "to main", "to a");
    const onA = inbox(socket, "to main", "to a");
    main.client.emit("to main", Buffer.from([1]));
    client.emit("to a", 1);
    await onMain.upToFence((fence) => main.client.emit(fence));
    await onA.upToFence((fence) => client.emit(fence));
    expect([onMain.events.map(([name]) => name), onA.events]).toEqual([["to main"], [["to a", 1]]]);
    client.disconnect();
  },
};

const unknown: Row = {
  name: 'an unknown namespace is refused with "Invalid namespace"; the others of the connection go on',
  async run(cell) {
    const main = await cell.connect();
    const client = main.client.io.socket("/unknown");
    const [error] = await once(client, "connect_error");
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toBe("Invalid namespace");
    expect([client.connected, client.active]).toEqual([false, false]);
    await fence(main.socket, main.client);
    expect(main.client.connected).toBe(true);
  },
};

const oneLeaves: Row = {
  name: "when one of two sockets on a connection disconnects the other goes on, and the first may come back",
  async run(cell) {
    cell.io.of("/a");
    const main = await cell.connect();
    const client = main.client.io.socket("/a");
    await once(client, "connect");
    const left = once(cell.socketOf(client, "/a"), "disconnect");
    const reason = once(client, "disconnect");
    client.disconnect();
    expect([(await left)[0], (await reason)[0]]).toEqual([
      "client namespace disconnect",
      "io client disconnect",
    ]);
    const box = inbox(main.client);
    expect(await box.upToFence((fence) => main.socket.emit(fence))).toEqual([]);
    const id = main.client.id;
    client.connect();
    await once(client, "connect");
    const again = once(client, "again");
    cell.socketOf(client, "/a").emit("again", 1);
    expect([await again, main.client.id]).toEqual([[1], id]);
    client.disconnect();
  },
};

const serverDropsOne: Row = {
  name: "when the server disconnects one of two sockets the other goes on",
  async run(cell) {
    cell.io.of("/a");
    const main = await cell.connect();
    const client = main.client.io.socket("/a");
    await once(client, "connect");
    const reason = once(client, "disconnect");
    cell.socketOf(client, "/a").disconnect();
    expect((await reason)[0]).toBe("io server disconnect");
    await fence(main.client, main.socket);
    expect(main.client.connected && main.socket.connected).toBe(true);
  },
};

const withoutSlash: Row = {
  name: "of() takes a name without its slash, and the same name is the same namespace",
  async run(cell) {
    const chat = cell.io.of("chat");
    expect([chat.name, cell.io.of("/chat") === chat, cell.io.of("/").name]).toEqual(["/chat", true, "/"]);
    const { socket } = await cell.connect("/chat");
    expect([...chat.sockets.keys()]).toEqual([socket.id]);
  },
};

const bothEvents: Row = {
  name: "connect and connection are both reported, with one socket",
  async run(cell) {
    const seen: unknown[] = [];
    cell.io.on("connect", (socket) => seen.push(socket));
    cell.io.on("connection", (socket) => seen.push(socket));
    const { socket } = await cell.connect();
    expect(seen).toEqual([socket, socket]);
  },
};

export const group: readonly Row[] = [
  custom,
  twoOnOne,
  unknown,
  oneLeaves,
  serverDropsOne,
  withoutSlash,
  bothEvents,
];
