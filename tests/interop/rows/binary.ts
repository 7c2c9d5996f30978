import { expect } from "vitest";
import { bothWays } from "../ends.ts";
import type { Row } from "../row.ts";
import { once } from "../wait.ts";

/** Node's sockets hand out Buffers, wherever in the arguments and whatever was sent. */
function hex(value: unknown): string {
  if (!Buffer.isBuffer(value)) throw new Error(`not a Buffer: ${Object.prototype.toString.call(value)}`);
  return value.toString("hex");
}

/** A view into a larger buffer, as most of Node's are. */
function view(...bytes: number[]): Uint8Array {
  const whole = new Uint8Array(bytes.length + 7).fill(0xee);
  whole.set(bytes, 3);
  return whole.subarray(3, 3 + bytes.length);
}

const nested: Row = {
  name: "nested binary survives in both directions",
  async run(cell) {
    const ends = await cell.connect();
    const sent = {
      a: [{ b: Buffer.from([1, 2]) }, "text", view(3, 4)],
      c: { d: new Uint8Array([5]).buffer },
      n: 1,
    };
    for (const [got, second] of await bothWays(ends, sent, Buffer.from([9]))) {
      const { a, c, n } = got as { a: [{ b: unknown }, unknown, unknown]; c: { d: unknown }; n: unknown };
      expect([hex(a[0].b), a[1], hex(a[2]), hex(c.d), n, hex(second)]).toEqual([
        "0102",
        "text",
        "0304",
        "05",
        1,
        "09",
      ]);
    }
  },
};

const kinds: Row = {
  name: "Buffers, views with an offset, array buffers and typed arrays arrive as their own bytes",
  async run(cell) {
    const ends = await cell.connect();
    const doubles = new Uint16Array([0x0201, 0x0403]);
    const sent = [
      Buffer.from("buffer"),
      view(1, 2, 3),
      Uint8Array.of(4, 5).buffer,
      doubles,
      new DataView(Uint8Array.of(6, 7, 8).buffer, 1),
    ];
    const wanted = ["627566666572", "010203", "0405", "01020304", "0708"];
    for (const got of await bothWays(ends, ...sent)) expect(got.map(hex)).toEqual(wanted);
  },
};

const empty: Row = {
  name: "binary of 0 bytes arrives as 0 bytes",
  async run(cell) {
    const ends = await cell.connect();
    for (const got of await bothWays(ends, Buffer.alloc(0), "between", new ArrayBuffer(0), view())) {
      expect([hex(got[0]), got[1], hex(got[2]), hex(got[3])]).toEqual(["", "between", "", ""]);
    }
  },
};

const ten: Row = {
  name: "ten attachments in one event arrive each in its place",
  async run(cell) {
    const ends = await cell.connect();
    const sent = Array.from({ length: 10 }, (_, index) => ({ index, bytes: view(index, 255 - index) }));
    for (const [got] of await bothWays(ends, sent)) {
      const list = got as { index: number; bytes: unknown }[];
      expect(list.map(({ index, bytes }) => [index, hex(bytes)])).toEqual(
        sent.map(({ index, bytes }) => [index, Buffer.from(bytes).toString("hex")]),
      );
    }
  },
};

const same: Row = {
  name: "one buffer at two places arrives at both",
  async run(cell) {
    const ends = await cell.connect();
    const bytes = Buffer.from([7]);
    for (const got of await bothWays(ends, bytes, { again: bytes })) {
      expect([hex(got[0]), hex((got[1] as { again: unknown }).again)]).toEqual(["07", "07"]);
    }
  },
};

const everyByte: Row = {
  name: "every value of a byte, and 300 kB of them, survive",
  async run(cell) {
    const ends = await cell.connect();
    const all = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    const big = Buffer.concat(Array.from({ length: 1_200 }, () => all));
    for (const [got, whole] of await bothWays(ends, all, big)) {
      expect(hex(got)).toBe(all.toString("hex"));
      expect(Buffer.isBuffer(whole) && whole.equals(big)).toBe(true);
    }
  },
};

const inAcks: Row = {
  name: "binary in questions and in answers survives, in both directions",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const [asking, answering] of [
      [client, socket],
      [socket, client],
    ] as const) {
      answering.on("ask", (bytes: unknown, answer: (...args: unknown[]) => void) =>
        answer({ echo: [bytes] }, view(8)),
      );
      const answer = await new Promise<unknown[]>((resolve) =>
        asking.emit("ask", view(1, 2), (...args: unknown[]) => resolve(args)),
      );
      const [{ echo }, second] = answer as [{ echo: [unknown] }, unknown];
      expect([hex(echo[0]), hex(second)]).toEqual(["0102", "08"]);
      const promised = (await asking.emitWithAck("ask", Buffer.alloc(0))) as { echo: [unknown] };
      expect(hex(promised.echo[0])).toBe("");
    }
  },
};

const untouched: Row = {
  name: "an emit leaves the sender's arguments as they were",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const sent = { bytes: Buffer.from([1, 2, 3]), list: [Buffer.from([4])] };
    const both = [once(socket, "up"), once(client, "down")];
    client.emit("up", sent);
    socket.emit("down", sent);
    await Promise.all(both);
    expect([hex(sent.bytes), sent.list.map(hex)]).toEqual(["010203", ["04"]]);
  },
};

const toJson: Row = {
  name: "binary that toJSON() returns is sent as binary",
  async run(cell) {
    const ends = await cell.connect();
    const sent = { toJSON: () => ({ bytes: Buffer.from([1]) }) };
    for (const [got] of await bothWays(ends, sent)) expect(hex((got as { bytes: unknown }).bytes)).toBe("01");
  },
};

const placeholders: Row = {
  name: "arguments that look like a placeholder beside real binary do not take its place",
  async run(cell) {
    const ends = await cell.connect();
    const fake = { _placeholder: "no", num: 0 };
    for (const got of await bothWays(ends, fake, Buffer.from([1]))) {
      expect([got[0], hex(got[1])]).toEqual([fake, "01"]);
    }
  },
};

export const group: readonly Row[] = [
  nested,
  kinds,
  empty,
  ten,
  same,
  everyByte,
  inAcks,
  untouched,
  toJson,
  placeholders,
];
