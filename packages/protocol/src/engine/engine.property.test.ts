import {
  decodePacket as stockDecode,
  decodePayload as stockDecodePayload,
  encodePacket as stockEncode,
  encodePayload as stockEncodePayload,
} from "engine.io-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RealtimeError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { assertBase64, type Base64 } from "./base64.ts";
import { encodeHandshake, parseHandshake } from "./handshake.ts";
import { decodePacket, encodePacket, encodePacketAsText, type EnginePacket } from "./packet.ts";
import { decodePayload, encodePayload } from "./payload.ts";

const base64: Base64 = {
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
  decode(text) {
    assertBase64(text);
    return new Uint8Array(Buffer.from(text, "base64"));
  },
};
const text = fc.string({ unit: "binary", maxLength: 12 }).map((data) => data.replaceAll("\x1e", ""));
const bytes = fc.uint8Array({ maxLength: 70 });
const packet: fc.Arbitrary<EnginePacket> = fc.oneof(
  fc.record({ type: fc.constant("message" as const), data: fc.oneof(text, bytes) }),
  fc.record({
    type: fc.constantFrom(
      "open" as const,
      "close" as const,
      "ping" as const,
      "pong" as const,
      "upgrade" as const,
      "noop" as const,
    ),
    data: text,
  }),
);
const packets = fc.array(packet, { minLength: 1, maxLength: 6 });

const asText = (one: EnginePacket): string => encodePacketAsText(one, base64);
const asPayload = (many: EnginePacket[]): string => encodePayload(many, base64);
const decode = (frame: Frame): EnginePacket => decodePacket(frame, base64);
const decodeBody = (payload: string): EnginePacket[] => decodePayload(payload, base64);

/** As the stock parser gives it: bytes as a Buffer, and no data where there is none. */
function fromStock({ type, data }: { type: string; data?: unknown }): unknown {
  return { type, data: data instanceof Uint8Array ? new Uint8Array(data) : (data ?? "") };
}

function refusedWith(code: string, run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (error instanceof RealtimeError && error.code === code) return true;
    throw error;
  }
}

describe("engine packets", () => {
  it("[E2] as a frame every packet comes back as it was, and the frame is the stock parser's", () => {
    fc.assert(
      fc.property(packet, (one) => {
        const frame = encodePacket(one);
        expect(decode(frame)).toEqual(one);
        stockEncode(one, true, (stock) => expect(frame).toEqual(stock));
      }),
    );
  });

  it("[E3] as text every packet comes back as it was, and the text is the stock parser's", () => {
    fc.assert(
      fc.property(packet, (one) => {
        expect(decode(asText(one))).toEqual(one);
        stockEncode(one, false, (stock) => expect(asText(one)).toBe(stock));
      }),
    );
  });

  it("[E3] bytes that are a part of a larger buffer travel alone", () => {
    fc.assert(
      fc.property(bytes, fc.nat({ max: 8 }), (data, before) => {
        const around = new Uint8Array(data.length + before + 3).fill(7);
        around.set(data, before);
        const view = around.subarray(before, before + data.length);
        expect(decode(asText({ type: "message", data: view }))).toEqual({ type: "message", data });
      }),
    );
  });

  it("[E1] any frame gives a packet or bad_packet, and a packet is the stock parser's", () => {
    const frame: fc.Arbitrary<Frame> = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(..."0123456789b=AQ+/-_\r\n".split("")) }),
      fc.base64String().map((digits) => `b${digits}`),
      bytes,
    );
    fc.assert(
      fc.property(frame, (one) => {
        if (refusedWith("bad_packet", () => decode(one))) return;
        const stock = stockDecode(typeof one === "string" ? one : Buffer.from(one), "nodebuffer");
        expect(decode(one)).toEqual(fromStock(stock));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("poll bodies", () => {
  it("[E4] every body comes back as it was, and is the stock parser's", () => {
    fc.assert(
      fc.property(packets, (many) => {
        const payload = asPayload(many);
        expect(decodeBody(payload)).toEqual(many);
        expect(stockDecodePayload(payload, "nodebuffer").map(fromStock)).toEqual(many);
        stockEncodePayload(many, (stock) => expect(payload).toBe(stock));
      }),
    );
  });

  it("[E4] any body gives packets or bad_packet", () => {
    const body = fc.string({
      unit: fc.oneof(fc.constantFrom("\x1e", "4", "b", "="), fc.string({ maxLength: 1 })),
    });
    fc.assert(
      fc.property(body, (payload) => {
        if (refusedWith("bad_packet", () => decodeBody(payload))) return;
        expect(decodeBody(payload)).toEqual(stockDecodePayload(payload, "nodebuffer").map(fromStock));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("handshakes", () => {
  it("[E5] every handshake comes back as it was", () => {
    const handshake = fc.record({
      sid: fc.string({ minLength: 1 }),
      upgrades: fc.array(fc.string()),
      pingInterval: fc.nat(),
      pingTimeout: fc.nat(),
      maxPayload: fc.oneof(fc.integer({ min: 1 }), fc.constant(Infinity)),
    });
    fc.assert(
      fc.property(handshake, (one) => {
        expect(parseHandshake(encodeHandshake(one))).toEqual(one);
      }),
    );
  });

  it("[E5] any text gives a handshake or bad_handshake", () => {
    const members = fc.record(
      {
        sid: fc.jsonValue(),
        upgrades: fc.jsonValue(),
        pingInterval: fc.jsonValue(),
        pingTimeout: fc.jsonValue(),
        maxPayload: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const any = fc.oneof(
      fc.string(),
      fc.json(),
      members.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(any, (one) => {
        if (refusedWith("bad_handshake", () => parseHandshake(one))) return;
        const { sid, pingInterval, pingTimeout, maxPayload } = parseHandshake(one);
        expect(sid).not.toBe("");
        for (const number of [pingInterval, pingTimeout, maxPayload])
          expect(number).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});
