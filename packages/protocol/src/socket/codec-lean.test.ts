import { describe, expect, it } from "vitest";
import { RealtimeError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { leanCodec } from "./codec-lean.ts";
import type { EventPacket, Packet } from "./packet.ts";

const bytes = new Uint8Array([1, 2]);
const refusal = expect.objectContaining({ code: "bad_packet" }) as Error;
const placeholder = (num: unknown): string => `{"_placeholder":true,"num":${JSON.stringify(num)}}`;

function event(...args: unknown[]): EventPacket {
  return { type: "event", namespace: "/", data: ["save", ...args] };
}

function failure(packet: Packet): unknown {
  try {
    return leanCodec.encode(packet);
  } catch (error) {
    return error;
  }
}

function decode(...frames: Frame[]): Packet | undefined {
  const decoder = leanCodec.decoder();
  return frames.map((frame) => decoder.push(frame)).at(-1);
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

describe("what the small codec sends", () => {
  it("[S14] reserved names and events without one are refused", () => {
    for (const name of ["connect", "newListener", undefined as unknown as string]) {
      expect(failure({ ...event(), data: [name] })).toMatchObject({ code: "reserved_event" });
    }
    // An answer may say what it likes.
    expect(leanCodec.encode({ type: "ack", namespace: "/", id: 1, data: ["connect"] })).toEqual([
      '31["connect"]',
    ]);
  });

  it("[S14] what cannot be sent is unserializable, beside bytes too, whatever is thrown", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    for (const value of [circle, 1n, nested(100_000), new Blob(["x"]), { file: new Blob([]) }]) {
      for (const packet of [event(value), event(bytes, value), event(value, bytes)]) {
        expect(failure(packet)).toMatchObject({ code: "unserializable" });
      }
    }
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    expect(failure(event(revoked.proxy))).toMatchObject({ code: "unserializable" });
    for (const thrown of [
      undefined,
      null,
      Symbol("s"),
      Object.create(null),
      1n,
      new RealtimeError("refused", ""),
    ]) {
      const toJSON = (): never => {
        throw thrown;
      };
      expect(failure(event({ toJSON }))).toMatchObject({ code: "unserializable", cause: thrown });
      expect(failure({ type: "connect", namespace: "/", data: { toJSON } })).toMatchObject({ cause: thrown });
    }
    expect(failure(event(...Array.from({ length: 11 }, () => bytes)))).toMatchObject({
      code: "unserializable",
      message: "11 attachments",
    });
  });

  it("[S14] every view and buffer travels as its own bytes and no more, memory that threads share as a copy", () => {
    const buffer = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]).buffer;
    const shared = new Uint8Array(new SharedArrayBuffer(1)).fill(9);
    const views = [
      buffer,
      new DataView(buffer, 2, 2),
      new Uint16Array(buffer, 4, 1),
      Buffer.from("ab"),
      shared,
    ];
    const [, ...frames] = leanCodec.encode(event(...views));
    shared.fill(0);
    expect(frames.map((frame) => [...Buffer.from(frame)])).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [2, 3],
      [4, 5],
      [97, 98],
      [9],
    ]);
  });

  it("[S14] what a toJSON gives may hold bytes, and be them", () => {
    const whole = { toJSON: (): unknown => bytes };
    const inside = { toJSON: (): unknown => ({ inner: bytes }) };
    expect(leanCodec.encode(event(whole, inside, new Date(0)))).toEqual([
      `52-["save",${placeholder(0)},{"inner":${placeholder(1)}},"1970-01-01T00:00:00.000Z"]`,
      bytes,
      bytes,
    ]);
    let calls = 0;
    const fickle = { toJSON: (): unknown => (calls++ === 0 ? bytes : 1) };
    expect(leanCodec.encode(event(fickle))).toHaveLength(2);
  });

  it("[S14] only events and acks have attachments, and data that comes to nothing is left out", () => {
    const connect = (data: unknown): readonly Frame[] =>
      leanCodec.encode({ type: "connect", namespace: "/a", data: data as object });
    expect(connect({ bytes })).toEqual(['0/a,{"bytes":{"0":1,"1":2}}']);
    for (const data of [undefined, null, { toJSON: (): undefined => undefined }]) {
      expect(connect(data)).toEqual(["0/a,"]);
    }
  });
});

describe("what the small codec reads", () => {
  it.each([-1, 1, 0.5, "0", "length", "constructor", "__proto__", null, [0], { a: 0 }, true])(
    "[S14] a placeholder that names %j is bad_packet",
    (num) => {
      expect(() => decode(`51-["a",${placeholder(num)}]`, bytes)).toThrow(refusal);
      expect(() => decode(`51-["a",${placeholder(0)},${placeholder(num)}]`, bytes)).toThrow(refusal);
    },
  );

  it("[S14] attachments are as many as were said, each named once, and nothing comes between", () => {
    const two = `52-["a",${placeholder(1)},${placeholder(0)}]`;
    const other = new Uint8Array([3]);
    expect(decode(two, bytes, other)).toMatchObject({ data: ["a", other, bytes] });
    expect(decode(two, bytes)).toBeUndefined();
    expect(() => decode(two, bytes, "2[]")).toThrow(refusal);
    expect(() => decode(two, bytes, other, bytes)).toThrow(refusal);
    expect(() => decode(bytes)).toThrow(refusal);
    expect(() => decode(`51-["a",${placeholder(0)},${placeholder(0)}]`, bytes)).toThrow(refusal);
    expect(() => decode(`511-["a"`)).toThrow(refusal);
    expect(decode(`2["a",${placeholder(0)}]`)).toMatchObject({ data: ["a", { _placeholder: true, num: 0 }] });
  });

  it("[S14] one packet after another comes through one decoder", () => {
    const decoder = leanCodec.decoder();
    for (let round = 0; round < 3; round++) {
      expect(decoder.push(`51-${round}["a",${placeholder(0)}]`)).toBeUndefined();
      expect(decoder.push(bytes)).toEqual({ type: "event", namespace: "/", id: round, data: ["a", bytes] });
      expect(decoder.push('3/b,7["b"]')).toEqual({ type: "ack", namespace: "/b", id: 7, data: ["b"] });
    }
  });

  it("[S14] `__proto__` is a key like any other, beside bytes and with bytes under it", () => {
    const packet = decode(
      `51-["a",{"__proto__":${placeholder(0)},"x":{"__proto__":[]}}]`,
      bytes,
    ) as EventPacket;
    const value = packet.data[1] as object;
    expect(Object.getOwnPropertyDescriptor(value, "__proto__")?.value).toBe(bytes);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it("[S14] what nests 100 000 deep is a packet or bad_packet", () => {
    const deep = (inner: string): string => "[".repeat(100_000) + inner + "]".repeat(100_000);
    expect(decode(`2["a",${deep("")}]`)).toMatchObject({ type: "event" });
    expect(() => decode(`51-["a",${deep(placeholder(0))}]`, bytes)).toThrow(refusal);
    expect(() => decode(`2["a",${"[".repeat(1_000_000)}`)).toThrow(refusal);
  });

  it.each([`2${"7".repeat(1e6)}`, `5${"7".repeat(1e6)}-`, `2/${",".repeat(1e6)}`, `2/${"a".repeat(1e6)}`])(
    "[S14] a megabyte of one character is refused (%#)",
    (frame) => {
      expect(() => decode(frame)).toThrow(refusal);
    },
  );
});
