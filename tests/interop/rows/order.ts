import { expect } from "vitest";
import type { Cell, Ends } from "../cell.ts";
import type { Row } from "../row.ts";
import { ackOf, inbox, once, times } from "../wait.ts";

const COUNT = 1_000;

/** 1 000 each way; every fifth asks for an answer, every seventh of the server's is a broadcast. */
async function floodBothWays({ io }: Cell, { client, socket }: Ends): Promise<void> {
  const numbers = Array.from({ length: COUNT }, (_, index) => index);
  const answers: Promise<unknown>[] = [];
  const upwards = times(socket, "up", COUNT);
  const downwards = times(client, "down", COUNT);
  socket.on("up", (...args) => (args.length > 1 ? ackOf(args)(args[0]) : undefined));
  client.on("down", (...args) => (args.length > 1 ? ackOf(args)(args[0]) : undefined));
  for (const index of numbers) {
    if (index % 5 === 0) answers.push(client.emitWithAck("up", index), socket.emitWithAck("down", index));
    else {
      client.emit("up", index);
      if (index % 7 === 0) io.emit("down", index);
      else socket.emit("down", index);
    }
    if (index % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await upwards).map(([index]) => index)).toEqual(numbers);
  expect((await downwards).map(([index]) => index)).toEqual(numbers);
  const asked = numbers.filter((index) => index % 5 === 0);
  expect(await Promise.all(answers)).toEqual(asked.flatMap((index) => [index, index]));
}

const many: Row = {
  name: "1 000 events each way, with acks and broadcasts among them, arrive in the order of the emits",
  async run(cell) {
    await floodBothWays(cell, await cell.connect());
  },
};

const manyEarly: Row = {
  name: "1 000 events each way from the first moment, during an upgrade where there is one, arrive in order",
  async run(cell) {
    const ends = await cell.connectEarly();
    await floodBothWays(cell, ends);
    await cell.upgraded(ends.client);
    expect(ends.client.io.engine.transport.name).toBe(cell.settledTransport);
  },
};

const mixedBinary: Row = {
  name: "events with and without binary keep their order",
  async run(cell) {
    const { client, socket } = await cell.connectEarly();
    const atServer = inbox(socket, "up");
    const atClient = inbox(client);
    for (let index = 0; index < 60; index += 1) {
      const args = index % 3 === 0 ? [index, Buffer.from([index]), Buffer.alloc(0)] : [index];
      client.emit("up", ...args);
      socket.emit("down", ...args);
    }
    await atServer.upToFence((fence) => client.emit(fence));
    await atClient.upToFence((fence) => socket.emit(fence));
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    expect(atServer.events.map(([, index]) => index)).toEqual(numbers);
    expect(atClient.events.map(([, index]) => index)).toEqual(numbers);
  },
};

const direct: Row = {
  name: "direct emits, room and server broadcasts to one socket arrive in the order of the calls",
  async run(cell) {
    const { client, socket } = await cell.connect();
    await socket.join("room");
    const box = inbox(client);
    const wanted: unknown[][] = [];
    for (let index = 0; index < 40; index += 1) {
      const from = [socket, cell.io, cell.io.to("room"), cell.io.except("nowhere")][index % 4] ?? socket;
      from.emit("n", index);
      wanted.push(["n", index]);
    }
    expect(await box.upToFence((fence) => socket.emit(fence))).toEqual(wanted);
  },
};

const inConnection: Row = {
  name: "what the connection handler emits arrives after connect, in order",
  async run(cell) {
    cell.io.on("connection", (socket: { emit(event: string, ...args: unknown[]): unknown }) => {
      socket.emit("hello", 1);
      cell.io.emit("hello", 2);
      socket.emit("hello", 3, Buffer.from("x"));
    });
    const client = cell.dial();
    const seen: unknown[] = [];
    client.on("connect", () => seen.push("connect"));
    client.on("hello", (index: number) => seen.push(index));
    await times(client, "hello", 3);
    expect(seen).toEqual(["connect", 1, 2, 3]);
  },
};

const beforeConnect: Row = {
  name: "what the client emits before it is connected arrives, in order, before what it emits in connect",
  async run(cell) {
    const arrived = cell.arrival();
    const client = cell.dial();
    for (let index = 0; index < 20; index += 1) client.emit("n", index);
    client.on("connect", () => client.emit("n", 20));
    const socket = await arrived;
    const got = await times(socket, "n", 21);
    expect(got.map(([index]) => index)).toEqual(Array.from({ length: 21 }, (_, index) => index));
  },
};

const batches: Row = {
  name: "a burst larger than one poll body arrives whole and in order, both ways",
  server: { maxHttpBufferSize: 20_000 },
  async run(cell) {
    const { client, socket } = await cell.connect();
    const filler = "é".repeat(1_000);
    const upwards = times(socket, "up", 100);
    const downwards = times(client, "down", 100);
    for (let index = 0; index < 100; index += 1) {
      client.emit("up", index, filler);
      socket.emit("down", index, filler);
    }
    const wanted = Array.from({ length: 100 }, (_, index) => [index, filler]);
    expect(await upwards).toEqual(wanted);
    expect(await downwards).toEqual(wanted);
  },
};

const large: Row = {
  name: "a message of 500 kB arrives whole, both ways",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const big = { text: "aé東👍".repeat(45_000), end: "end" };
    const atServer = once(socket, "up");
    const atClient = once(client, "down");
    client.emit("up", big);
    socket.emit("down", big);
    const [[fromClient], [fromServer]] = [await atServer, await atClient];
    expect(JSON.stringify(fromClient) === JSON.stringify(big)).toBe(true);
    expect(JSON.stringify(fromServer) === JSON.stringify(big)).toBe(true);
  },
};

export const group: readonly Row[] = [
  many,
  manyEarly,
  mixedBinary,
  direct,
  inConnection,
  beforeConnect,
  batches,
  large,
];
