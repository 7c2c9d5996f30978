import { describe, expect, it } from "vitest";
import { RealtimeError } from "../errors.ts";
import { jsonCodec } from "./codec-json.ts";
import type { EventPacket, Packet } from "./packet.ts";
import { explainUnserializable } from "./unserializable.ts";

const codec = jsonCodec({ explain: explainUnserializable });
const bytes = new Uint8Array([1, 2]);

function event(...args: unknown[]): EventPacket {
  return { type: "event", namespace: "/", data: ["save", ...args] };
}

function failure(packet: Packet): RealtimeError {
  try {
    codec.encode(packet);
  } catch (error) {
    if (error instanceof RealtimeError) return error;
    throw error;
  }
  throw new Error("it was encoded");
}

function nested(depth: number, inner: unknown): unknown {
  let value = inner;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

describe("what cannot be sent", () => {
  it("[S12] a circle is named, beside bytes too", () => {
    const user: Record<string, unknown> = { name: "Ada" };
    user["friends"] = [{ of: user }];
    for (const packet of [event(user), event(bytes, user), event(user, bytes)]) {
      const { code, message } = failure(packet);
      expect(code).toBe("unserializable");
      expect(message).toMatch(
        /^the event "save" cannot be sent: argument \d\.friends\[0\]\.of refers back to argument \d$/,
      );
    }
  });

  it("[S12] the same object twice is no circle", () => {
    const shared = { a: 1 };
    expect(codec.encode(event(shared, [shared, { shared }]))).toEqual([
      '2["save",{"a":1},[{"a":1},{"shared":{"a":1}}]]',
    ]);
  });

  it("[S12] a BigInt is named, with what to do instead", () => {
    expect(failure(event({ total: [1n] })).message).toBe(
      'the event "save" cannot be sent: argument 1.total[0] is a BigInt; send it as a string',
    );
    expect(failure({ type: "ack", namespace: "/", id: 1, data: [bytes, 1n] }).message).toBe(
      "this ack cannot be sent: argument 2 is a BigInt; send it as a string",
    );
  });

  it("[S12] what nests too deep is refused, beside bytes too", () => {
    for (const packet of [
      event(nested(100_000, 1)),
      event(nested(100_000, bytes)),
      event(bytes, nested(100_000, 1)),
    ]) {
      expect(failure(packet)).toMatchObject({
        code: "unserializable",
        message: 'the event "save" cannot be sent: it nests too deep',
      });
    }
  });

  it("[S12] a thousand levels are sent", () => {
    expect(codec.encode(event(nested(1000, bytes)))).toHaveLength(2);
  });

  it("[S12] a toJSON or a getter that throws is contained, whatever it throws", () => {
    const cause = new Error("boo");
    const throwing = (thrown: unknown): object => ({
      toJSON() {
        throw thrown;
      },
    });
    expect(failure(event(throwing(cause)))).toMatchObject({ code: "unserializable", cause });
    expect(failure(event({ a: throwing(cause) })).message).toMatch(/argument 1\.a threw Error: boo$/);
    expect(failure(event({ get b() { throw cause; } })).message).toMatch(/argument 1\.b threw Error: boo$/); // prettier-ignore
    for (const thrown of [undefined, null, Symbol("s"), Object.create(null), bytes, 1n]) {
      expect(failure(event(throwing(thrown))).code).toBe("unserializable");
      expect(failure(event(throwing(thrown), bytes)).code).toBe("unserializable");
    }
    const ofAnotherKind = new RealtimeError("ack_timeout", "from a toJSON");
    expect(failure(event(throwing(ofAnotherKind)))).toMatchObject({
      code: "unserializable",
      cause: ofAnotherKind,
    });
  });

  it("[S12] the reason is the first thing in the way, not a toJSON that is in order", () => {
    const self = { toJSON: (): object => self, total: 1n };
    expect(failure(event(self)).message).toMatch(/argument 1\.total is a BigInt/);
    const invalidDate = { toJSON: (): string => new Date(Number.NaN).toISOString() };
    expect(failure(event(invalidDate)).message).toMatch(/argument 1 threw RangeError: Invalid time value$/);
  });

  it("[S12] proxies that throw and proxies that are revoked are contained", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const trap = (): never => {
      throw new Error("trap");
    };
    expect(failure(event(proxy)).code).toBe("unserializable");
    expect(failure(event(new Proxy({}, { ownKeys: trap }))).code).toBe("unserializable");
    expect(failure(event(new Proxy({}, { get: trap }), bytes)).code).toBe("unserializable");
  });

  it("[S12] a path in a message is bounded", () => {
    const long = { ["k".repeat(100_000)]: 1n };
    expect(failure(event(long)).message.length).toBeLessThan(300);
  });

  it("[S10] a Blob is refused, with what to do instead", () => {
    expect(failure(event({ file: new Blob(["x"]) })).message).toMatch(
      /argument 1\.file is a Blob; send `await blob/,
    );
    expect(codec.encode(event({ [Symbol.toStringTag]: "Blob", a: 1 }))).toEqual(['2["save",{"a":1}]']);
  });

  it("[S10] beside bytes, data that would be taken for a placeholder is refused", () => {
    const lookalike = { _placeholder: true, num: 0 };
    expect(failure(event(lookalike, bytes))).toMatchObject({ code: "unserializable" });
    expect(codec.encode(event(lookalike))).toHaveLength(1);
    expect(codec.encode(event({ _placeholder: "true" }, bytes))).toHaveLength(2);
  });

  it("[S12] more attachments than the receiver takes are refused here, not by a closed connection", () => {
    const many = Array.from({ length: 11 }, () => bytes);
    expect(failure(event(...many)).message).toMatch(/11 attachments, maxAttachments is 10/);
    expect(jsonCodec({ maxAttachments: 11 }).encode(event(...many))).toHaveLength(12);
  });
});

describe("without an explanation", () => {
  it("[S12] the error has the platform's own words", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    const encode = (argument: unknown) => (): unknown => jsonCodec().encode(event(argument));
    expect(encode(circle)).toThrow('the event "save" cannot be sent: a circle, or too deep');
    expect(encode(1n)).toThrow(/cannot be sent: Do not know how to serialize a BigInt/);
    expect(encode(new Blob([]))).toThrow(/cannot be sent: a Blob; send its arrayBuffer\(\)/);
    expect(encode(nested(100_000, 1))).toThrow(/cannot be sent: a circle, or too deep/);
  });
});

describe("packets that no decoder would take", () => {
  it.each(["", "admin", "/a,b", "/a\x1eb"])("[S2] the namespace %j is the caller's mistake", (namespace) => {
    expect(failure({ type: "connect", namespace }).code).toBe("invalid_argument");
  });

  it.each([-1, 1.5, Number.NaN, Infinity, 2 ** 53])("[S6] the ack id %d is the caller's mistake", (id) => {
    expect(failure({ ...event(), id }).code).toBe("invalid_argument");
    expect(failure({ type: "ack", namespace: "/", id, data: [] }).code).toBe("invalid_argument");
  });

  it("[S9] a reserved name is refused", () => {
    expect(failure({ type: "event", namespace: "/", data: ["disconnect"] }).code).toBe("reserved_event");
  });

  it.each([Number.NaN, Infinity, null, undefined, {}, Symbol("s")])(
    "[S5] an event named %s is refused",
    (name) => {
      expect(failure({ type: "event", namespace: "/", data: [name as string] }).code).toBe(
        "invalid_argument",
      );
    },
  );

  it("[S3] data that comes to nothing is left out", () => {
    const toNothing = { toJSON: (): undefined => undefined };
    expect(codec.encode({ type: "connect", namespace: "/", data: toNothing })).toEqual(["0"]);
    expect(codec.encode({ type: "connect", namespace: "/a", data: null as unknown as object })).toEqual([
      "0/a,",
    ]);
  });
});

describe("bytes", () => {
  it("[S10] every view and buffer travels as its own bytes and no more", () => {
    const buffer = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]).buffer;
    const frames = codec.encode(
      event(
        buffer,
        new DataView(buffer, 2, 2),
        new Uint16Array(buffer, 4, 1),
        Buffer.from("ab"),
        new Uint8Array(buffer, 7),
      ),
    );
    expect(frames.slice(1).map((frame) => [...Buffer.from(frame)])).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [2, 3],
      [4, 5],
      [97, 98],
      [7],
    ]);
  });

  it("[S10] memory that threads share is copied", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);
    const [, frame] = codec.encode(event(shared));
    shared.fill(8);
    expect(frame).toEqual(new Uint8Array([7, 7]));
  });

  it("[S10] toJSON is applied once, and what it gives may hold bytes", () => {
    class Money {
      readonly cents = 5;
      toJSON(): Money {
        return new Money(); // has a toJSON again, as a clone has
      }
    }
    expect(codec.encode(event(new Money()))).toEqual(['2["save",{"cents":5}]']);
    expect(codec.encode(event({ toJSON: () => ({ inner: bytes }) }))).toEqual([
      '51-["save",{"inner":{"_placeholder":true,"num":0}}]',
      bytes,
    ]);
  });

  it("[S10] a Date is its text, beside bytes and out of a toJSON too", () => {
    const epoch = "1970-01-01T00:00:00.000Z";
    const [text] = codec.encode(
      event(new Date(0), { toJSON: () => new Date(0) }, new Date(Number.NaN), bytes),
    );
    expect(text).toBe(`51-["save","${epoch}","${epoch}",null,{"_placeholder":true,"num":0}]`);
  });

  it("[S10] a toJSON that changes its mind cannot part the count from the attachments", () => {
    let calls = 0;
    expect(codec.encode(event({ toJSON: () => (calls++ === 0 ? bytes : 1) }))).toEqual(['2["save",1]']);
  });

  it("[S10] `__proto__` keys survive beside bytes", () => {
    const [text] = codec.encode(event(JSON.parse('{"__proto__":{"x":1}}'), bytes));
    expect(text).toBe('51-["save",{"__proto__":{"x":1}},{"_placeholder":true,"num":0}]');
  });

  it("[S10] frozen data is encoded", () => {
    expect(codec.encode(Object.freeze(event(Object.freeze([Object.freeze({ bytes })]))))).toHaveLength(2);
  });

  it("[S10] only events and acks have attachments", () => {
    expect(codec.encode({ type: "connect", namespace: "/", data: { bytes } })).toEqual([
      '0{"bytes":{"0":1,"1":2}}',
    ]);
  });
});
