import { describe, expect, it } from "vitest";
import type { RealtimeError } from "../errors.ts";
import {
  fromParserPacket,
  type Parser,
  parserCodec,
  type ParserPacket,
  toParserPacket,
} from "./codec-parser.ts";
import type { Packet } from "./packet.ts";

/** Packets as JSON, whole: what a parser does to bytes is its own affair. */
class Encoder {
  encode(packet: ParserPacket): unknown[] {
    return [JSON.stringify(packet)];
  }
}

class Decoder {
  #listener: (packet: ParserPacket) => void = () => {};

  on(_event: "decoded", listener: (packet: ParserPacket) => void): void {
    this.#listener = listener;
  }

  add(chunk: unknown): void {
    if (typeof chunk === "string") this.#listener(JSON.parse(chunk) as ParserPacket);
  }
}

const whole: Parser = { Encoder, Decoder };

const PACKETS: [Packet, ParserPacket][] = [
  [
    { type: "connect", namespace: "/", data: { token: 1 } },
    { type: 0, nsp: "/", data: { token: 1 } },
  ],
  [
    { type: "disconnect", namespace: "/a" },
    { type: 1, nsp: "/a" },
  ],
  [
    { type: "event", namespace: "/", id: 7, data: ["say", { text: "hi" }] },
    { type: 2, nsp: "/", id: 7, data: ["say", { text: "hi" }] },
  ],
  [
    { type: "ack", namespace: "/", id: 0, data: [] },
    { type: 3, nsp: "/", id: 0, data: [] },
  ],
  [
    { type: "connect_error", namespace: "/", data: { message: "no" } },
    { type: 4, nsp: "/", data: { message: "no" } },
  ],
];

describe("parserCodec", () => {
  it("[S13] gives packets the shape that parsers know, and takes it back", () => {
    const codec = parserCodec(whole);
    for (const [packet, shape] of PACKETS) {
      expect(toParserPacket(packet)).toStrictEqual(shape);
      expect(fromParserPacket(shape, "bad_packet")).toEqual(packet);
      const [frame, ...more] = codec.encode(packet);
      expect(JSON.parse(frame as string)).toEqual(shape);
      expect(more).toEqual([]);
      expect(codec.decoder().push(frame as string)).toEqual(packet);
    }
  });

  it("[S13] takes a packet with attachments for the same without", () => {
    expect(fromParserPacket({ type: 5, nsp: "/", data: ["x"] }, "bad_packet").type).toBe("event");
    expect(fromParserPacket({ type: 6, nsp: "/", id: 1, data: ["x"] }, "bad_packet").type).toBe("ack");
  });

  it("[S13] waits for the rest where a frame completes no packet, and hands bytes over as the parser wants them", () => {
    const seen: unknown[] = [];
    const listening: Parser = {
      Encoder,
      Decoder: class extends Decoder {
        override add = (chunk: unknown): void => void seen.push(chunk);
      },
    };
    const decoder = parserCodec(listening, (bytes) => [...bytes]).decoder();
    expect(decoder.push(new Uint8Array([1, 2]))).toBeUndefined();
    expect(seen).toEqual([[1, 2]]);
  });

  it("[S13] gives buffers as bytes", () => {
    const binary: Parser = {
      Encoder: class {
        encode = (): unknown[] => [new Uint8Array([1]).buffer, "text"];
      },
      Decoder,
    };
    expect(parserCodec(binary).encode({ type: "disconnect", namespace: "/" })).toEqual([
      new Uint8Array([1]),
      "text",
    ]);
  });

  it.each<[string, ParserPacket]>([
    ["a type that is none", { type: 7, nsp: "/" }],
    ["a namespace that is none", { type: 2, nsp: "x", data: ["a"] }],
    ["an event without a name", { type: 2, nsp: "/", data: [{}] }],
    ["an event with a reserved name", { type: 2, nsp: "/", data: ["disconnect"] }],
    ["an ack without an id", { type: 3, nsp: "/", data: [] }],
    ["an id that is none", { type: 2, nsp: "/", id: -1, data: ["a"] }],
    ["a connect with text", { type: 0, nsp: "/", data: "text" }],
  ])("[S13] refuses %s, whatever the parser let through", (_what, packet) => {
    const code = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return (error as RealtimeError).code;
      }
    };
    expect(code(() => parserCodec(whole).decoder().push(JSON.stringify(packet)))).toBe("bad_packet");
  });

  it("[S13] what a parser throws is a bad packet when read, unserializable when written", () => {
    const fails = (): never => {
      throw new TypeError("broken");
    };
    const broken: Parser = {
      Encoder: class {
        encode = fails;
      },
      Decoder: class extends Decoder {
        override add = fails;
      },
    };
    expect(() => parserCodec(broken).encode({ type: "event", namespace: "/", data: ["x"] })).toThrow(
      expect.objectContaining({ code: "unserializable", cause: new TypeError("broken") }) as Error,
    );
    expect(() => parserCodec(broken).decoder().push("x")).toThrow(
      expect.objectContaining({ code: "bad_packet", cause: new TypeError("broken") }) as Error,
    );
    expect(() => parserCodec(whole).encode({ type: "event", namespace: "/", data: ["connect"] })).toThrow(
      expect.objectContaining({ code: "reserved_event" }) as Error,
    );
  });
});
