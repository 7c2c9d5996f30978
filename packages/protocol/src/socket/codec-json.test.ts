import { describe, expect, it } from "vitest";
import { RealtimeError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { jsonCodec } from "./codec-json.ts";
import type { Packet } from "./packet.ts";

const bytes = new Uint8Array([1, 2]);
const refusal = expect.objectContaining({ code: "bad_packet" }) as Error;
const placeholder = (num: unknown): string => `{"_placeholder":true,"num":${JSON.stringify(num)}}`;

function decode(...frames: Frame[]): Packet | undefined {
  const decoder = jsonCodec().decoder();
  return frames.map((frame) => decoder.push(frame)).at(-1);
}

function argument(packet: Packet | undefined): unknown {
  return packet?.type === "event" ? packet.data[1] : undefined;
}

function nested(depth: number, inner: string): string {
  return "[".repeat(depth) + inner + "]".repeat(depth);
}

describe("depth", () => {
  it("[S12] a packet that nests 100 000 deep is read", () => {
    expect(decode(`2["a",${nested(100_000, "")}]`)).toMatchObject({ type: "event" });
  });

  it("[S11] an attachment 100 000 deep finds its place", () => {
    let found: unknown = argument(decode(`51-["a",${nested(100_000, placeholder(0))}]`, bytes));
    for (let depth = 0; depth < 100_000; depth++) found = (found as unknown[])[0];
    expect(found).toBe(bytes);
  });

  it("[S12] brackets that never close are bad_packet", () => {
    expect(() => decode(`2["a",${"[".repeat(1_000_000)}`)).toThrow(refusal);
    expect(() => decode(`2["a",${'{"a":'.repeat(200_000)}`)).toThrow(refusal);
  });
});

describe("keys of Object.prototype", () => {
  it("[S12] `__proto__` is a key like any other", () => {
    const value = argument(decode('2["a",{"__proto__":{"admin":true},"x":1}]')) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__", "x"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value["admin"]).toBeUndefined();
  });

  it("[S11] bytes under `__proto__` become the object's own", () => {
    const value = argument(decode(`51-["a",{"__proto__":${placeholder(0)},"x":{"__proto__":[]}}]`, bytes));
    expect(Object.getOwnPropertyDescriptor(value, "__proto__")?.value).toBe(bytes);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it("[S11] a placeholder is one by its own members only", () => {
    const inherited = `{"__proto__":{"_placeholder":true,"num":0}}`;
    expect(() => decode(`51-["a",${inherited},${placeholder(0)}]`, bytes)).toThrow(refusal); // named twice
    const alone = argument(decode(`51-["a",${inherited}]`, bytes)) as object;
    expect(Object.keys(alone)).toEqual(["__proto__"]);
  });
});

describe("placeholders", () => {
  it.each([-1, 1, 0.5, 1e300, "0", "length", "constructor", "__proto__", null, [0], { a: 0 }, true])(
    "[S11] a placeholder that names %j is bad_packet",
    (num) => {
      expect(() => decode(`51-["a",${placeholder(num)}]`, bytes)).toThrow(refusal);
    },
  );

  it("[S11] a placeholder repeated a thousand times is bad_packet", () => {
    const repeated = Array.from({ length: 1000 }, () => placeholder(0)).join(",");
    expect(() => decode(`51-["a",${repeated}]`, bytes)).toThrow(refusal);
  });

  it("[S11] what a placeholder has besides is dropped with it", () => {
    expect(argument(decode(`51-["a",{"_placeholder":true,"num":0,"x":[${placeholder(9)}]}]`, bytes))).toBe(
      bytes,
    );
  });

  it("[S11] without attachments a placeholder is data", () => {
    expect(argument(decode(`2["a",${placeholder(7)}]`))).toEqual({ _placeholder: true, num: 7 });
  });
});

describe("data by type", () => {
  const ok = { namespace: "/" };

  it("[S3] a CONNECT carries an object or nothing", () => {
    expect(decode("0")).toEqual({ ...ok, type: "connect" });
    expect(decode('0{"a":1}')).toEqual({ ...ok, type: "connect", data: { a: 1 } });
    for (const text of ["0null", "0[]", '0"a"', '01{"a":1}']) expect(() => decode(text)).toThrow(refusal);
  });

  it("[S4] a DISCONNECT carries nothing", () => {
    expect(decode("1/a,")).toEqual({ type: "disconnect", namespace: "/a" });
    for (const text of ["1{}", "1/a,[]", "11"]) expect(() => decode(text)).toThrow(refusal);
  });

  it("[S5] an EVENT carries its name, a string or a finite number, and arguments", () => {
    expect(decode('2["a",1]')).toEqual({ ...ok, type: "event", data: ["a", 1] });
    expect(decode("2[-1.5]")).toEqual({ ...ok, type: "event", data: [-1.5] });
    for (const text of ["2", "2[]", "2{}", "2[null]", "2[[]]", "2[1e999]"])
      expect(() => decode(text)).toThrow(refusal);
  });

  it("[S6] an id is a whole number that a double holds exactly", () => {
    expect(decode('29007199254740991["a"]')).toMatchObject({ id: Number.MAX_SAFE_INTEGER });
    expect(decode('20["a"]')).toMatchObject({ id: 0 });
    for (const id of ["9007199254740992", "-1", "1.5", "1e3", " ", "9".repeat(400)]) {
      expect(() => decode(`2${id}["a"]`)).toThrow(refusal);
    }
  });

  it("[S7] an ACK carries an id and an array", () => {
    expect(decode("30[]")).toEqual({ ...ok, type: "ack", id: 0, data: [] });
    for (const text of ["3", "31", "3[]", "31{}", '31"a"']) expect(() => decode(text)).toThrow(refusal);
  });

  it("[S8] a CONNECT_ERROR carries an object or a string", () => {
    expect(decode('4{"message":"no"}')).toEqual({ ...ok, type: "connect_error", data: { message: "no" } });
    expect(decode('4"no"')).toEqual({ ...ok, type: "connect_error", data: "no" });
    for (const text of ["4", "4[]", "4null", '41"no"']) expect(() => decode(text)).toThrow(refusal);
  });

  it.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])(
    "[S9] nobody may send an event called %s",
    (name) => {
      expect(() => decode(`2["${name}"]`)).toThrow(refusal);
      expect(decode(`2["${name} "]`)).toBeDefined();
    },
  );
});

describe("limits", () => {
  it("[S12] 11 attachments are refused before the JSON is read and before any attachment", () => {
    expect(() => decode('511-["not even JSON')).toThrow(/11 attachments, maxAttachments is 10/);
  });

  it("[S12] maxAttachments is a setting, and 0 takes none", () => {
    expect(() =>
      jsonCodec({ maxAttachments: 0 })
        .decoder()
        .push(`51-["a",${placeholder(0)}]`),
    ).toThrow(refusal);
    const decoder = jsonCodec({ maxAttachments: 11 }).decoder();
    expect(decoder.push(`511-["a"]`)).toBeUndefined();
  });

  it.each([-1, Number.NaN])("[S12] maxAttachments %d is the caller's mistake", (maxAttachments) => {
    expect(() => jsonCodec({ maxAttachments })).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });

  it("[S12] data is checked when the text comes, not when the last attachment does", () => {
    expect(() => decode(`51-["connect",${placeholder(0)}]`)).toThrow(refusal);
    expect(() => decode(`61-1{}`)).toThrow(refusal);
  });

  it("[S12] a refused packet leaves no attachments behind", () => {
    const decoder = jsonCodec().decoder();
    decoder.push(`52-["a",${placeholder(0)},${placeholder(1)}]`);
    decoder.push(bytes);
    expect(() => decoder.push("2[]")).toThrow(refusal);
    expect(() => decoder.push(bytes)).toThrow(/an attachment too many/);
  });

  it("[S12] decoders of one codec know nothing of each other", () => {
    const codec = jsonCodec();
    const [one, other] = [codec.decoder(), codec.decoder()];
    one.push(`51-["a",${placeholder(0)}]`);
    expect(other.push('2["b"]')).toMatchObject({ data: ["b"] });
    expect(one.push(bytes)).toMatchObject({ data: ["a", bytes] });
  });

  it("[S12] errors name no more of the packet than its numbers", () => {
    const secret = "hunter2";
    try {
      decode(`2["a",${secret}]`);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RealtimeError);
      expect(String(error)).not.toContain(secret);
    }
  });
});

describe("cost", () => {
  const MILLION = 1_000_000;
  const long = (unit: string): string => unit.repeat(MILLION / unit.length);

  /** Runs with each of String's readers counted: how often the decoder looked at the text, and at how much of it. */
  function work(frame: string): { readonly looks: number; readonly characters: number } {
    const { charCodeAt, indexOf, slice, includes } = String.prototype;
    let looks = 0;
    let characters = 0;
    const scanned = (length: number): void => {
      looks++;
      characters += length;
    };
    String.prototype.charCodeAt = function (at): number {
      scanned(1);
      return charCodeAt.call(this, at);
    };
    String.prototype.indexOf = function (what, from): number {
      scanned(this.length);
      return indexOf.call(this, what, from);
    };
    String.prototype.includes = function (what, from): boolean {
      scanned(this.length);
      return includes.call(this, what, from);
    };
    String.prototype.slice = function (from, to): string {
      const part = slice.call(this, from, to);
      scanned(part.length);
      return part;
    };
    try {
      jsonCodec().decoder().push(frame);
    } catch (error) {
      if (!(error instanceof RealtimeError)) throw error;
    } finally {
      Object.assign(String.prototype, { charCodeAt, indexOf, includes, slice });
    }
    return { looks, characters };
  }

  it.each([
    ["digits for an id", `2${long("7")}`],
    ["digits for a count", `5${long("7")}`],
    ["digits for both", `5${long("7")}-${long("7")}`],
    ["commas", `2/${long(",")}`],
    ["a namespace", `2/${long("a")}`],
    ["slashes", `2${long("/")},["a"]`],
    ["dashes", `51${long("-")}`],
    ["commas in an array", `2["a"${long(",")}]`],
  ])("[S12] a megabyte of %s is looked at a fixed number of times", (_name, frame) => {
    const { looks, characters } = work(frame);
    expect(looks).toBeLessThanOrEqual(frame.length + 16);
    expect(characters).toBeLessThanOrEqual(6 * frame.length + 16);
  });
});
