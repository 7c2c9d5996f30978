import { describe, expect, it, vi } from "vitest";
import { assertBase64, type Base64 } from "./base64.ts";
import { encodeHandshake, parseHandshake } from "./handshake.ts";
import { decodePacket } from "./packet.ts";
import { assertPacketCount, decodePayload, encodePayload } from "./payload.ts";

const base64: Base64 = {
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
  decode(text) {
    assertBase64(text);
    return new Uint8Array(Buffer.from(text, "base64"));
  },
};

describe("poll bodies", () => {
  it("[E4] none is the caller's mistake, not a callback that never comes", () => {
    expect(() => encodePayload([], base64)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });

  it("[E4] the number of packets may be bounded, and the rest is not even split", () => {
    const body = (count: number): string => Array.from({ length: count }, () => "6").join("\x1e");
    expect(() => assertPacketCount(body(3), 3)).not.toThrow();
    expect(() => assertPacketCount(body(4), 3)).toThrow(
      expect.objectContaining({ code: "payload_too_large" }) as Error,
    );
    const split = vi.spyOn(String.prototype, "split");
    expect(() => assertPacketCount("\x1e".repeat(1_000_000), 3)).toThrow(/more than 3 packets/);
    expect(split.mock.results.map(({ value }) => (value as string[]).length)).toEqual([4]);
    split.mockRestore();
  });

  it("[E4] one bad packet refuses the whole body", () => {
    expect(() => decodePayload("4a\x1e4b\x1e7", base64)).toThrow(
      expect.objectContaining({ code: "bad_packet" }) as Error,
    );
  });

  it("[E3] base64 as the Java client wraps it, at 76 characters, is whole", () => {
    const bytes = new Uint8Array(300).map((_, index) => index);
    const wrapped = Buffer.from(bytes)
      .toString("base64")
      .replaceAll(/.{1,76}/g, "$&\n");
    expect(decodePacket(`b${wrapped}`, base64)).toEqual({ type: "message", data: bytes });
  });

  it.each(["b AQI=", "bAQ\tI=", "bAQI=\f"])("[E3] white space is no line break: %j", (frame) => {
    expect(() => decodePacket(frame, base64)).toThrow(
      expect.objectContaining({ code: "bad_packet" }) as Error,
    );
  });

  it("[E3] ten megabytes of base64, good or bad, are read without running out of stack", () => {
    const digits = "A".repeat(10_000_000);
    expect(decodePacket(`b${digits}`, base64).data).toHaveLength(7_500_000);
    expect(() => decodePacket(`b${digits}!`, base64)).toThrow(
      expect.objectContaining({ code: "bad_packet" }) as Error,
    );
  });

  it("[E2] bytes are handed on, not copied", () => {
    const bytes = new Uint8Array(1);
    expect(decodePacket(bytes, base64).data).toBe(bytes);
  });
});

describe("handshakes", () => {
  it("[E5] are written in the stock order, with what is added behind", () => {
    const handshake = {
      maxPayload: 1,
      pingTimeout: 2,
      ext: { rs: 1 },
      pingInterval: 3,
      upgrades: [],
      sid: "a",
    };
    expect(encodeHandshake(handshake)).toBe(
      '{"sid":"a","upgrades":[],"pingInterval":3,"pingTimeout":2,"maxPayload":1,"ext":{"rs":1}}',
    );
  });

  it("[E5] JSON that nests 100 000 deep is a handshake or none", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(() => parseHandshake(deep)).toThrow(expect.objectContaining({ code: "bad_handshake" }) as Error);
    expect(
      parseHandshake(`{"sid":"a","pingInterval":1,"pingTimeout":1,"upgrades":${deep}}`).upgrades,
    ).toEqual([]);
  });

  it("[E5] a session id that is named through `__proto__` is none", () => {
    const text = '{"__proto__":{"sid":"a"},"pingInterval":1,"pingTimeout":1}';
    expect(() => parseHandshake(text)).toThrow(expect.objectContaining({ code: "bad_handshake" }) as Error);
  });
});
