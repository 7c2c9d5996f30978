import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { Decoder as StockDecoder, Encoder as StockEncoder } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import { RealtimeError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { jsonCodec } from "./codec-json.ts";
import { leanCodec } from "./codec-lean.ts";
import { isReservedEvent, type Packet } from "./packet.ts";

// Any number of attachments, here; the limit has tests of its own.
const MANY = 1e6;
const codec = jsonCodec({ maxAttachments: MANY });
const STOCK_TYPES = { connect: 0, disconnect: 1, event: 2, ack: 3, connect_error: 4 } as const;

// ---- arbitraries

const key = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("__proto__", "constructor", "toJSON", "length", "num", "hasOwnProperty"),
  },
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("\ud800", "\udfff", "\u2028", "\x1e", "\0", ","),
);
const bytes = fc.uint8Array({ maxLength: 5 });
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
);
const plain = fc.oneof(text, number, fc.boolean(), fc.constant(null));

/** JSON with bytes anywhere, at any depth. */
const value: fc.Arbitrary<unknown> = tree(
  fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: bytes }),
);
const json: fc.Arbitrary<unknown> = tree(plain);

function tree(leaf: fc.Arbitrary<unknown>, keys: fc.Arbitrary<string> = key): fc.Arbitrary<unknown> {
  return fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.array(tie("node"), { maxLength: 4 }),
      // fromEntries makes `__proto__` a key of the object's own.
      fc.array(fc.tuple(keys, tie("node")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).node;
}

const namespace = fc.oneof(
  fc.constant("/"),
  fc.string({ maxLength: 6 }).map((name) => `/${name.replaceAll(",", "")}`),
);
const id = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const eventName = fc.oneof(
  text.filter((name) => !isReservedEvent(name)),
  number,
);
const record = fc
  .array(fc.tuple(key, json), { maxLength: 3 })
  .map((entries): object => Object.fromEntries(entries));

function packetWith(argument: fc.Arbitrary<unknown>): fc.Arbitrary<Packet> {
  const args = fc.array(argument, { maxLength: 3 });
  const packets: fc.Arbitrary<Packet> = fc.oneof(
    fc.record({
      type: fc.constant("connect" as const),
      namespace,
      data: fc.option(record, { nil: undefined }),
    }),
    fc.record({ type: fc.constant("disconnect" as const), namespace }),
    fc.record({ type: fc.constant("connect_error" as const), namespace, data: fc.oneof(record, text) }),
    fc.record({
      type: fc.constant("event" as const),
      namespace,
      id: fc.option(id, { nil: undefined }),
      data: fc.tuple(eventName, args).map(([name, rest]): [string | number, ...unknown[]] => [name, ...rest]),
    }),
    fc.record({ type: fc.constant("ack" as const), namespace, id, data: args }),
  );
  return packets.map((packet) => ({ ...packet })); // with a prototype, which fc.record's have not always
}

// ---- the two parsers

function decode(frames: readonly Frame[]): Packet[] {
  const decoder = codec.decoder();
  return frames.map((frame) => decoder.push(frame)).filter((packet) => packet !== undefined);
}

function stockEncode(packet: Packet): Frame[] {
  const { type, namespace: nsp, ...rest } = packet;
  return new StockEncoder().encode({ ...rest, type: STOCK_TYPES[type], nsp } as never) as Frame[];
}

function stockDecode(frames: readonly Frame[]): unknown[] {
  const decoder = new StockDecoder({ maxAttachments: MANY } as never);
  const packets: unknown[] = [];
  decoder.on("decoded", (packet: unknown) => packets.push(withoutUndefined(packet as object)));
  for (const frame of frames) decoder.add(frame);
  return packets;
}

function asStock({ type, namespace: nsp, ...rest }: Packet): unknown {
  return withoutUndefined({ ...rest, type: STOCK_TYPES[type], nsp });
}

function withoutUndefined(packet: object): object {
  return Object.fromEntries(Object.entries(packet).filter(([, member]) => member !== undefined));
}

function same(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(left, right);
}

/** A value, or `bad_packet`; everything else fails the test. */
function decodeOrRefuse(frames: readonly Frame[]): Packet[] | undefined {
  try {
    return decode(frames);
  } catch (error) {
    if (error instanceof RealtimeError && error.code === "bad_packet") return undefined;
    throw error;
  }
}

function decodeLean(frames: readonly Frame[]): Packet[] | undefined {
  const decoder = leanCodec.decoder();
  try {
    return frames.map((frame) => decoder.push(frame)).filter((packet) => packet !== undefined);
  } catch (error) {
    if (error instanceof RealtimeError && error.code === "bad_packet") return undefined;
    throw error;
  }
}

// ---- properties

describe("round trips", () => {
  it("[S1] every packet comes back as it was", () => {
    fc.assert(
      fc.property(packetWith(value), (packet) => {
        const [decoded] = decode(codec.encode(packet));
        return same(withoutUndefined(decoded ?? {}), withoutUndefined(packet));
      }),
      { numRuns: 2000 },
    );
  });

  it("[S10] the caller's data is not changed, and every attachment is a frame", () => {
    fc.assert(
      fc.property(packetWith(value), (packet) => {
        const before = structuredClone(packet);
        const [head, ...attachments] = codec.encode(packet);
        expect(typeof head).toBe("string");
        expect(attachments.every((frame) => frame instanceof Uint8Array)).toBe(true);
        return same(packet, before);
      }),
    );
  });
});

describe("beside socket.io-parser", () => {
  it("[S2] the frames are the stock encoder's, byte for byte", () => {
    fc.assert(
      fc.property(packetWith(value), (packet) => {
        // Beside bytes the stock encoder loses `__proto__` keys; ours keeps them (SPEC, deliberate differences).
        fc.pre(!JSON.stringify(packet).includes("__proto__"));
        return same(codec.encode(packet), stockEncode(packet));
      }),
      { numRuns: 1000 },
    );
  });

  const strange = fc.oneof(
    plain,
    bytes,
    fc.date({ noInvalidDate: false }),
    fc.constantFrom(
      undefined,
      Number.NaN,
      Infinity,
      -0,
      Symbol("s"),
      () => 1,
      new Map([[1, 2]]),
      new Set([1]),
      /x/,
    ),
    fc.constantFrom(
      new Error("e"),
      Object("boxed"),
      Object(1),
      Object(false),
      new DataView(new ArrayBuffer(2)),
    ),
    fc.constantFrom(new Float64Array(1), new ArrayBuffer(3), Object.create({ inherited: 1 })),
    // eslint-disable-next-line no-sparse-arrays -- holes are what is tried
    fc.constant([1, , 2]),
  );
  /** `toJSON` on a prototype, where classes have it. */
  class Model {
    readonly inner: unknown;
    constructor(inner: unknown) {
      this.inner = inner;
    }
    toJSON(key?: string): unknown {
      return key === "never" ? key : this.inner;
    }
  }
  const models = tree(
    fc.oneof(
      strange,
      value.map((inner) => new Model(inner)),
      strange.map((inner) => new Model({ inner })),
    ),
    // Under `__proto__` the stock encoder sets the prototype of its copy, to a function even.
    key.filter((name) => name !== "__proto__"),
  );

  it("[S10] undefined, NaN, Date, Map, holes and toJSON become what the stock encoder makes of them", () => {
    fc.assert(
      fc.property(models, fc.array(models, { maxLength: 2 }), (first, more) => {
        const packet: Packet = { type: "event", namespace: "/", id: 1, data: ["e", first, ...more] };
        const frames = codec.encode(packet);
        fc.pre(!String(frames[0]).includes("__proto__"));
        return same(frames.map(flat), stockEncode(packet).map(flat));
      }),
      { numRuns: 2000 },
    );
  });

  it("[S2] what the stock encoder writes is read as the stock decoder reads it", () => {
    fc.assert(
      fc.property(packetWith(value), (packet) => {
        fc.pre(!JSON.stringify(packet).includes("__proto__")); // under it, bytes lose their placeholder
        const frames = stockEncode(packet);
        const [ours] = decode(frames);
        return ours !== undefined && same([asStock(ours)], stockDecode(frames));
      }),
      { numRuns: 1000 },
    );
  });

  it("[S12] whatever is read at all, however mangled, is read as the stock decoder reads it", () => {
    fc.assert(
      fc.property(mangled(), (frames) => {
        const ours = decodeOrRefuse(frames.map(copy));
        fc.pre(ours !== undefined);
        return same(ours.map(asStock), stockDecode(frames.map(copy)));
      }),
      { numRuns: 1000, maxSkipsPerRun: 1000 },
    );
  });
});

const headerish = fc.string({
  unit: fc.constantFrom(...'0123456-/,[]{}":ae_\\ \x1e'.split(""), '"_placeholder":true', '"num":0', '["a"'),
  maxLength: 20,
});
const frame = fc.oneof(headerish, fc.string({ unit: "binary" }), bytes);

describe("garbage", () => {
  it("[S12] any frames at all give packets or bad_packet", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), (frames) => void decodeOrRefuse(frames)),
      { numRuns: 5000 },
    );
  });

  it("[S12] valid packets with characters flipped, put in and taken out give packets or bad_packet", () => {
    fc.assert(
      fc.property(mangled(), (frames) => void decodeOrRefuse(frames)),
      { numRuns: 3000 },
    );
  });

  it("[S12] a packet that was read can be sent again, to the same effect", () => {
    fc.assert(
      fc.property(mangled(), (frames) => {
        const packets = decodeOrRefuse(frames);
        fc.pre(packets !== undefined && packets.length > 0);
        // JSON of a number too large for a double reads as Infinity and writes as null: what was read, once written.
        const settled = decode(packets.flatMap((packet) => codec.encode(packet)));
        return same(decode(settled.flatMap((packet) => codec.encode(packet))), settled);
      }),
      { numRuns: 500, maxSkipsPerRun: 1000 },
    );
  });
});

describe("the small codec", () => {
  const few = packetWith(value).filter((packet) => codec.encode(packet).length <= 11);

  it("[S14] writes the frames that the other writes, and leaves the caller's data alone", () => {
    fc.assert(
      fc.property(few, (packet) => {
        const before = structuredClone(packet);
        return same(leanCodec.encode(packet), codec.encode(packet)) && same(packet, before);
      }),
      { numRuns: 2000 },
    );
  });

  it("[S14] reads every packet as the other does", () => {
    fc.assert(
      fc.property(few, (packet) => {
        const frames = codec.encode(packet);
        return same(decodeLean(frames)?.map(withoutUndefined), decode(frames).map(withoutUndefined));
      }),
      { numRuns: 2000 },
    );
  });

  it("[S14] any frames at all give packets or bad_packet", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), (frames) => void decodeLean(frames)),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(mangled(), (frames) => void decodeLean(frames)),
      { numRuns: 3000 },
    );
  });

  it("[S14] what the other reads, it reads the same", () => {
    fc.assert(
      fc.property(mangled(), (frames) => {
        const packets = decodeOrRefuse(frames);
        // Leading zeros of a count, and more than ten attachments, are read by the other alone.
        fc.pre(packets !== undefined && frames.length <= 11 && !/^[56](0|\d\d+-)/.test(String(frames[0])));
        return same(decodeLean(frames)?.map(withoutUndefined), packets?.map(withoutUndefined));
      }),
      { numRuns: 1000, maxSkipsPerRun: 1000 },
    );
  });
});

/** The frames of valid packets, with some characters of the first one changed. */
function mangled(): fc.Arbitrary<Frame[]> {
  const edit = fc.record({
    at: fc.nat(),
    drop: fc.nat({ max: 2 }),
    put: fc.oneof(
      fc.constant(""),
      fc.constantFrom(...'0123456789-/,[]{}":. \x1e'.split("")),
      fc.string({ maxLength: 2 }),
    ),
  });
  return fc.tuple(packetWith(value), fc.array(edit, { maxLength: 3 })).map(([packet, edits]) => {
    const [head, ...rest] = codec.encode(packet);
    let text = String(head);
    for (const { at, drop, put } of edits) {
      const from = at % (text.length + 1);
      text = text.slice(0, from) + put + text.slice(from + drop);
    }
    return [text, ...rest];
  });
}

/** Attachments of any shape as what they are on the wire. */
function flat(frame: Frame | ArrayBuffer | ArrayBufferView): string {
  if (typeof frame === "string") return frame;
  const view =
    frame instanceof ArrayBuffer
      ? Buffer.from(frame)
      : Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  return `bytes ${view.toString("hex")}`;
}

function copy(frame: Frame): Frame {
  return typeof frame === "string" ? frame : frame.slice();
}
