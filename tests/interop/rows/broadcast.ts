import { expect } from "vitest";
import type { Cell, Ends } from "../cell.ts";
import type { Row } from "../row.ts";
import type { Broadcast } from "../surface.ts";
import { ackOf, inbox, once } from "../wait.ts";

interface Trio {
  readonly all: readonly Ends[];
  readonly a: Ends;
  readonly b: Ends;
  readonly c: Ends;
}

/** a is in "1", b in "1" and "2", c in "2"; all are in "all". */
async function trio(cell: Cell): Promise<Trio> {
  const all = await cell.connectAll(3);
  const [a, b, c] = all;
  if (!a || !b || !c) throw new Error("three are needed");
  await a.socket.join(["1", "all"]);
  await b.socket.join(["1", "2", "all"]);
  await c.socket.join(["2", "all"]);
  return { all, a, b, c };
}

/** Who gets what `emit` sends, as for instance "ac"; a socket that gets it twice stands there twice. */
async function receivers(cell: Cell, { all }: Trio, target: Pick<Broadcast, "emit">): Promise<string> {
  const boxes = all.map(({ client }) => inbox(client));
  expect(target.emit("shape", 1, { two: 2 })).toBe(true);
  await Promise.all(boxes.map((box, index) => box.upToFence((fence) => all[index]?.socket.emit(fence))));
  for (const { events } of boxes) for (const event of events) expect(event).toEqual(["shape", 1, { two: 2 }]);
  return boxes.map(({ events }, index) => (["a", "b", "c"][index] ?? "").repeat(events.length)).join("");
}

/** What each shape of a broadcast means, for the sockets of a trio. `a` is the sender where there is one. */
const SHAPES: readonly (readonly [string, (cell: Cell, trio: Trio) => Pick<Broadcast, "emit">, string])[] = [
  ["io.emit reaches everybody", ({ io }) => io, "abc"],
  ["namespace.emit reaches everybody in it", ({ io }) => io.of("/"), "abc"],
  ["io.to(room) reaches its members", ({ io }) => io.to("1"), "ab"],
  ["io.in(room) is io.to(room)", ({ io }) => io.in("2"), "bc"],
  ["io.to(several rooms) reaches each member once", ({ io }) => io.to(["1", "2"]), "abc"],
  ["io.to().to() reaches each member once", ({ io }) => io.to("1").to("2").in("all"), "abc"],
  ["io.to(an empty room) reaches nobody", ({ io }) => io.to("nobody here"), ""],
  ["io.except(room) leaves its members out", ({ io }) => io.except("1"), "c"],
  ["io.except(several rooms) leaves all members out", ({ io }) => io.except(["1", "2"]), ""],
  ["io.to().except() leaves out", ({ io }) => io.to("all").except("2"), "a"],
  [
    "io.to().to().except().except() leaves out",
    ({ io }, { a }) => io.to("1").to("2").except(a.socket.id).except("nobody here"),
    "bc",
  ],
  ["io.except() before to() is the same", ({ io }) => io.except("2").to("1"), "a"],
  ["io.to(socket id) reaches that socket", ({ io }, { c }) => io.to(c.socket.id), "c"],
  [
    "io.to(socket ids and rooms) reaches each once",
    ({ io }, { a, b }) => io.to([a.socket.id, b.socket.id, "1"]),
    "ab",
  ],
  ["io.except(socket id) leaves that socket out", ({ io }, { b }) => io.except(b.socket.id), "ac"],
  ["socket.broadcast leaves the sender out", (_, { a }) => a.socket.broadcast, "bc"],
  ["socket.broadcast.to(room) leaves the sender out", (_, { a }) => a.socket.broadcast.to("1"), "b"],
  ["socket.to(room) leaves the sender out", (_, { a }) => a.socket.to("1"), "b"],
  ["socket.in(room) leaves the sender out", (_, { a }) => a.socket.in("all"), "bc"],
  ["socket.to(several rooms) reaches each once, not the sender", (_, { a }) => a.socket.to(["1", "2"]), "bc"],
  [
    "socket.to().to().except() leaves out",
    (_, { a, c }) => a.socket.to("1").to("2").except(c.socket.id),
    "b",
  ],
  ["socket.except(room) leaves out its members and the sender", (_, { a }) => a.socket.except("2"), ""],
  ["socket.to(a room of others) reaches them", (_, { a }) => a.socket.to("2"), "bc"],
  ["socket.to(its own id) reaches nobody", (_, { a }) => a.socket.to(a.socket.id), ""],
];

const shapes: readonly Row[] = SHAPES.map(([name, target, wanted]) => ({
  name,
  async run(cell) {
    const sockets = await trio(cell);
    expect(await receivers(cell, sockets, target(cell, sockets))).toBe(wanted);
  },
}));

const immutable: Row = {
  name: "a broadcast target may be kept and used again: narrowing it makes another",
  async run(cell) {
    const sockets = await trio(cell);
    const target = cell.io.to("all");
    target.except("1").to("2");
    target.timeout(10);
    expect(await receivers(cell, sockets, target)).toBe("abc");
    expect(await receivers(cell, sockets, target.except("1"))).toBe("c");
    expect(await receivers(cell, sockets, cell.io)).toBe("abc");
  },
};

const withBinary: Row = {
  name: "a broadcast with binary reaches all, each with its own bytes",
  async run(cell) {
    const { all } = await trio(cell);
    const arrived = all.map(({ client }) => once(client, "bytes"));
    cell.io.emit("bytes", { deep: [Buffer.from([1, 2]), Buffer.alloc(0)] });
    for (const [got] of await Promise.all(arrived)) {
      const [first, second] = (got as { deep: [Buffer, Buffer] }).deep;
      expect([first.toString("hex"), second.toString("hex")]).toEqual(["0102", ""]);
    }
  },
};

const otherNamespace: Row = {
  name: "a broadcast of one namespace stays in it",
  async run(cell) {
    cell.io.of("/a");
    const main = await cell.connect();
    const other = await cell.connect("/a");
    const boxes = [inbox(main.client), inbox(other.client)];
    cell.io.emit("main");
    cell.io.of("/a").emit("a");
    await boxes[0]?.upToFence((fence) => main.socket.emit(fence));
    await boxes[1]?.upToFence((fence) => other.socket.emit(fence));
    expect(boxes.map((box) => box.events)).toEqual([[["main"]], [["a"]]]);
  },
};

const withAcks: Row = {
  name: "a broadcast with an ack collects the first argument of every receiver's answer",
  async run(cell) {
    const { all, a, b } = await trio(cell);
    all.forEach(({ client }, index) => client.on("ask", (...args) => ackOf(args)({ index }, "second")));
    const byIndex = (answers: unknown): unknown =>
      (answers as { index: number }[]).map(({ index }) => index).toSorted((a, b) => a - b);
    const got = await new Promise<unknown[]>((resolve) =>
      cell.io.timeout(5_000).emit("ask", "question", (...args: unknown[]) => resolve(args)),
    );
    expect([got[0], byIndex(got[1])]).toEqual([null, [0, 1, 2]]);
    expect(byIndex(await cell.io.to("1").timeout(5_000).emitWithAck("ask"))).toEqual([0, 1]);
    expect(byIndex(await a.socket.broadcast.timeout(5_000).emitWithAck("ask"))).toEqual([1, 2]);
    expect(byIndex(await b.socket.to("2").timeout(5_000).emitWithAck("ask"))).toEqual([2]);
    expect(await cell.io.to("nobody here").timeout(5_000).emitWithAck("ask")).toEqual([]);
  },
};

const partialAcks: Row = {
  name: "a broadcast whose acks do not all come in time gives an error and those that came",
  async run(cell) {
    const { a, b } = await trio(cell);
    a.client.on("ask", (...args) => ackOf(args)("a"));
    b.client.on("ask", () => undefined);
    const got = await new Promise<unknown[]>((resolve) =>
      cell.io.timeout(80).emit("ask", (...args: unknown[]) => resolve(args)),
    );
    expect(got[0]).toBeInstanceOf(Error);
    expect(String(got[0])).toContain("operation has timed out");
    expect(got[1]).toEqual(["a"]);
    const error: unknown = await cell.io
      .timeout(80)
      .emitWithAck("ask")
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(Error);
    expect((error as { responses?: unknown }).responses).toEqual(["a"]);
  },
};

const binaryAcks: Row = {
  name: "the answers to a broadcast may hold binary",
  async run(cell) {
    const { all } = await trio(cell);
    for (const { client } of all) client.on("ask", (...args) => ackOf(args)(args[0]));
    const answers = (await cell.io.timeout(5_000).emitWithAck("ask", Buffer.from([1]))) as Buffer[];
    expect(answers.map((answer) => answer.toString("hex"))).toEqual(["01", "01", "01"]);
  },
};

const volatile: Row = {
  name: "volatile events arrive while there is a connection, and are dropped while there is none",
  async run(cell) {
    const early = cell.dial("/", { autoConnect: false });
    early.volatile.emit("dropped");
    early.emit("kept");
    const arrived = cell.arrival();
    early.connect();
    const socket = await arrived;
    const box = inbox(socket, "dropped", "kept");
    await once(early, "connect");
    await cell.upgraded(early);
    await box.upToFence((fence) => early.emit(fence));
    expect(box.events).toEqual([["kept"]]);
    const atClient = inbox(early);
    // A poll may be under way to take it: then it is asked again, as an application would.
    while (!atClient.events.some(([name]) => name === "tick")) {
      socket.volatile.emit("tick");
      cell.io.volatile.to(socket.id).emit("tick");
      await atClient.upToFence((fence) => socket.emit(fence));
    }
    const got = once(socket, "client tick");
    const again = setInterval(() => early.volatile.emit("client tick"), 5);
    await got.finally(() => clearInterval(again));
  },
};

export const group: readonly Row[] = [
  ...shapes,
  immutable,
  withBinary,
  otherNamespace,
  withAcks,
  partialAcks,
  binaryAcks,
  volatile,
];
