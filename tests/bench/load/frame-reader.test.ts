import { describe, expect, test } from "vitest";
import { FrameReader } from "./frame-reader.ts";
import { BINARY, clientFrame, TEXT } from "./frames.ts";

/** As a server sends it: clientFrame without the mask. */
function serverFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff])
        : Buffer.alloc(10);
  if (length >= 65_536) {
    head.set([0x80 | opcode, 127]);
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

function read(pieces: readonly Buffer[]): [number, string][] {
  const frames: [number, string][] = [];
  const reader = new FrameReader((opcode, bytes, begin, end) =>
    frames.push([opcode, bytes.toString("latin1", begin, end)]),
  );
  // Each piece is overwritten behind the call, as the buffer that all sockets read into is.
  for (const piece of pieces) {
    const own = Buffer.from(piece);
    reader.push(own);
    own.fill(0);
  }
  return frames;
}

const PAYLOADS = ["", "2", "x".repeat(125), "y".repeat(126), "z".repeat(4_096), "w".repeat(70_000)];
const STREAM = Buffer.concat([
  ...PAYLOADS.map((payload) => serverFrame(TEXT, Buffer.from(payload))),
  serverFrame(BINARY, Buffer.from([1, 2, 3])),
]);
const EXPECTED = [...PAYLOADS.map((payload) => [TEXT, payload]), [BINARY, "\u0001\u0002\u0003"]];

describe("the frames of a server", () => {
  test("come out of one piece", () => expect(read([STREAM])).toEqual(EXPECTED));

  test.each([1, 2, 3, 7, 127, 4_100])("come out of pieces of %d bytes", (size) => {
    const pieces = Array.from({ length: Math.ceil(STREAM.length / size) }, (_, index) =>
      STREAM.subarray(index * size, (index + 1) * size),
    );
    expect(read(pieces)).toEqual(EXPECTED);
  });

  test("are not fragments, nor compressed", () => {
    expect(() => read([Buffer.from([0x01, 0])])).toThrow("0x1");
    expect(() => read([Buffer.from([0xc1, 0])])).toThrow("0xc1");
  });
});

describe("a client's frame", () => {
  test.each([0, 1, 125, 126, 4_096, 65_535])(
    "of %d bytes says how long it is, with a mask of zero",
    (length) => {
      const frame = clientFrame(TEXT, "x".repeat(length));
      const head = length > 125 ? 4 : 2;
      expect(frame[0]).toBe(0x81);
      expect((frame[1] ?? 0) & 0x7f).toBe(length > 125 ? 126 : length);
      expect((frame[1] ?? 0) & 0x80).toBe(0x80);
      if (length > 125) expect(frame.readUInt16BE(2)).toBe(length);
      expect(frame.readUInt32BE(head)).toBe(0);
      expect(frame.length).toBe(head + 4 + length);
    },
  );

  test("is not made of more than 65 535 bytes", () => {
    expect(() => clientFrame(BINARY, Buffer.alloc(65_536))).toThrow("65536 bytes");
  });
});
