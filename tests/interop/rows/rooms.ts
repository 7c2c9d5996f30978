import { expect } from "vitest";
import type { Row } from "../row.ts";
import { inbox, once } from "../wait.ts";

const joinAndLeave: Row = {
  name: "a socket is in the rooms it joined and did not leave, and in that of its id",
  async run(cell) {
    const { socket } = await cell.connect();
    await socket.join("a");
    await socket.join(["b", "c", "a"]);
    await socket.leave("b");
    await socket.leave("never joined");
    expect([...socket.rooms].toSorted()).toEqual([socket.id, "a", "c"].toSorted());
  },
};

const members: Row = {
  name: "a room's events reach its members and nobody else",
  async run(cell) {
    const [a, b, c] = await cell.connectAll(3);
    if (!a || !b || !c) throw new Error("three are needed");
    await a.socket.join("room");
    await b.socket.join("room");
    const boxes = [a, b, c].map(({ client }) => inbox(client));
    cell.io.to("room").emit("one");
    await b.socket.leave("room");
    cell.io.to("room").emit("two");
    await Promise.all(boxes.map((box) => box.upToFence((fence) => cell.io.emit(fence))));
    expect(boxes.map((box) => box.events)).toEqual([[["one"], ["two"]], [["one"]], []]);
  },
};

const afterEnd: Row = {
  name: "after its end a socket is in no room, and `disconnecting` still sees them",
  async run(cell) {
    const { client, socket } = await cell.connect();
    await socket.join("room");
    const seen: unknown[] = [];
    socket.on("disconnecting", (reason: string) =>
      seen.push(reason, [...socket.rooms].length, socket.rooms.has("room")),
    );
    const gone = once(socket, "disconnect");
    client.disconnect();
    await gone;
    expect(seen).toEqual(["client namespace disconnect", 2, true]);
    expect([socket.rooms.size, socket.connected, socket.disconnected]).toEqual([0, false, true]);
    expect(cell.io.of("/").sockets.size).toBe(0);
  },
};

const rejoin: Row = {
  name: "leaving and joining again at once, with emits between, is exact",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const box = inbox(client);
    for (let index = 0; index < 5; index += 1) {
      await socket.join("room");
      cell.io.to("room").emit("in", index);
      await socket.leave("room");
      cell.io.to("room").emit("out", index);
    }
    await box.upToFence((fence) => socket.emit(fence));
    expect(box.events).toEqual([0, 1, 2, 3, 4].map((index) => ["in", index]));
  },
};

const inBulk: Row = {
  name: "fetchSockets, socketsJoin, socketsLeave and disconnectSockets act on the chosen sockets",
  async run(cell) {
    const [a, b, c] = await cell.connectAll(3);
    if (!a || !b || !c) throw new Error("three are needed");
    a.socket.data = { name: "a" };
    await a.socket.join("chosen");
    await b.socket.join("chosen");
    const chosen = cell.io.in("chosen");
    chosen.socketsJoin(["extra", "more"]);
    cell.io.in(a.socket.id).socketsLeave("more");
    expect([a, b, c].map(({ socket }) => [socket.rooms.has("extra"), socket.rooms.has("more")])).toEqual([
      [true, false],
      [true, true],
      [false, false],
    ]);
    const found = await cell.io.in("chosen").except(b.socket.id).fetchSockets();
    expect(found.map(({ id, data }) => [id, data])).toEqual([[a.socket.id, { name: "a" }]]);
    expect(await cell.io.fetchSockets()).toHaveLength(3);
    const reasons = [once(a.client, "disconnect"), once(b.client, "disconnect")];
    chosen.disconnectSockets();
    expect((await Promise.all(reasons)).map(([reason]) => reason)).toEqual([
      "io server disconnect",
      "io server disconnect",
    ]);
    expect(c.socket.connected).toBe(true);
  },
};

const namesApart: Row = {
  name: "rooms of one name in two namespaces are two rooms",
  async run(cell) {
    cell.io.of("/a");
    const main = await cell.connect();
    const other = await cell.connect("/a");
    await main.socket.join("room");
    await other.socket.join("room");
    const box = inbox(other.client);
    cell.io.to("room").emit("main");
    cell.io.of("/a").to("room").emit("a");
    expect(await box.upToFence((fence) => other.socket.emit(fence))).toEqual([["a"]]);
  },
};

export const group: readonly Row[] = [joinAndLeave, members, afterEnd, rejoin, inBulk, namesApart];
