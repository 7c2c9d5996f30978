import { expect } from "vitest";
import { bothWays } from "../ends.ts";
import type { Row } from "../row.ts";
import { inbox, once } from "../wait.ts";

const text: Row = {
  name: "text of every kind arrives as it was sent",
  async run(cell) {
    const ends = await cell.connect();
    const texts = [
      "",
      "plain",
      "grüße, 東京",
      "👩‍👩‍👧‍👦 🏴‍☠️",
      "lone \ud83d surrogate \udca9",
      "nul \u0000 and separators \u001e \u2028 \u2029",
      'quotes " and \\ and \n\r\t',
      "b4AQID",
      "42[]",
    ];
    for (const got of await bothWays(ends, ...texts)) expect(got).toEqual(texts);
  },
};

const values: Row = {
  name: "numbers, booleans, null, nested objects and arrays arrive as they were sent",
  async run(cell) {
    const ends = await cell.connect();
    const sent = [
      0,
      -1,
      1.5,
      1e300,
      Number.MAX_SAFE_INTEGER,
      true,
      false,
      null,
      { a: { b: [{ c: [] }, {}, [[["deep"]]]] }, "": 1, 'key with " and é': "v" },
      [1, "two", [3, [null]], { four: 4 }],
      { _placeholder: "text", num: 0 },
    ];
    for (const got of await bothWays(ends, ...sent)) expect(got).toEqual(sent);
  },
};

const notJson: Row = {
  name: "what JSON does not have arrives as JSON has it: dates as text, undefined and NaN as null",
  async run(cell) {
    const ends = await cell.connect();
    const date = new Date(1_700_000_000_000);
    const custom = { toJSON: () => ({ as: "json" }) };
    const sent = [
      date,
      undefined,
      Number.NaN,
      Infinity,
      new Map([[1, 2]]),
      custom,
      { gone: undefined, kept: 1 },
      [undefined],
    ];
    const wanted = [date.toISOString(), null, null, null, {}, { as: "json" }, { kept: 1 }, [null]];
    for (const got of await bothWays(ends, ...sent)) expect(got).toEqual(wanted);
  },
};

const noArguments: Row = {
  name: "an event without arguments arrives without arguments",
  async run(cell) {
    for (const got of await bothWays(await cell.connect())) expect(got).toEqual([]);
  },
};

const ODD_NAMES = [
  "constructor",
  "__proto__",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "",
  " ",
  "0",
  "message",
  "ping",
  "close",
  "open",
  "data",
  "$",
  "$$",
  "$a",
  "with,comma",
  "/slash",
  "名前",
  "x".repeat(300),
];

const oddNames: Row = {
  name: "events may have any name that is not reserved",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const name of ODD_NAMES) {
      const atServer = once(socket, name);
      const atClient = once(client, name);
      client.emit(name, "up");
      socket.emit(name, "down");
      expect(await atServer, name).toEqual(["up"]);
      expect(await atClient, name).toEqual(["down"]);
    }
  },
};

const reservedNames: Row = {
  name: "a reserved event name is refused at the emit, on both ends",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const name of [
      "connect",
      "connect_error",
      "disconnect",
      "disconnecting",
      "newListener",
      "removeListener",
    ]) {
      expect(() => client.emit(name), `client, ${name}`).toThrow(/reserved/);
      expect(() => socket.emit(name), `server, ${name}`).toThrow(/reserved/);
    }
    expect(client.connected && socket.connected).toBe(true);
  },
};

const unserializable: Row = {
  name: "an argument that JSON cannot hold throws at the emit and harms nothing",
  async run(cell) {
    const ends = await cell.connect();
    expect(() => ends.client.emit("up", 1n)).toThrow();
    expect(() => ends.socket.emit("down", 1n)).toThrow();
    for (const got of await bothWays(ends, "after")) expect(got).toEqual(["after"]);
  },
};

const send: Row = {
  name: "send() is an event named message",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const atServer = once(socket, "message");
    const atClient = once(client, "message");
    client.send("up", 1);
    socket.send("down", 2);
    expect(await atServer).toEqual(["up", 1]);
    expect(await atClient).toEqual(["down", 2]);
  },
};

const severalListeners: Row = {
  name: "every listener of an event is called, in the order they were added, until it is taken off",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const [emitter, sender] of [
      [client, socket],
      [socket, client],
    ] as const) {
      const calls: string[] = [];
      const removed = (): unknown => calls.push("removed");
      emitter.on("news", () => calls.push("first"));
      emitter.on("news", removed);
      emitter.on("news", () => calls.push("second"));
      emitter.off("news", removed);
      const last = once(emitter, "news");
      sender.emit("news");
      await last;
      expect(calls).toEqual(["first", "second"]);
    }
  },
};

const catchAll: Row = {
  name: "the client's catch-all listeners see what comes in and what goes out",
  async run(cell) {
    const ends = await cell.connect();
    const seen: unknown[][] = [];
    ends.client.onAny((...args) => seen.push(["in", ...args]));
    ends.client.onAnyOutgoing((...args) => seen.push(["out", ...args]));
    await bothWays(ends, 1);
    expect(seen).toEqual([
      ["out", "up", 1],
      ["in", "down", 1],
    ]);
  },
};

const catchAllAtServer: Row = {
  name: "the server's catch-all listeners see what comes in and what goes out",
  async run(cell) {
    const ends = await cell.connect();
    const { socket } = ends;
    const seen: unknown[][] = [];
    socket.onAny((...args) => seen.push(["in", ...args]));
    socket.onAnyOutgoing((...args) => seen.push(["out", ...args]));
    await bothWays(ends, 1);
    expect(seen).toEqual([
      ["in", "up", 1],
      ["out", "down", 1],
    ]);
  },
};

const unheard: Row = {
  name: "an event that nobody listens to is dropped, with an ack that nobody gives as well",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const box = inbox(client);
    client.emit("nobody", 1, () => undefined);
    socket.emit("nobody", 2);
    await box.upToFence((fence) => socket.emit(fence));
    expect(box.events).toEqual([["nobody", 2]]);
    expect(client.connected && socket.connected).toBe(true);
  },
};

export const group: readonly Row[] = [
  text,
  values,
  notJson,
  noArguments,
  oddNames,
  reservedNames,
  unserializable,
  send,
  severalListeners,
  catchAll,
  catchAllAtServer,
  unheard,
];
