import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { decodePacket as stockDecode, encodePacket as stockEncode } from "engine.io-parser";
import { Decoder as StockDecoder, Encoder as StockEncoder } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import { assertBase64 } from "./engine/base64.ts";
import { encodePacketAsText } from "./engine/packet.ts";
import {
  type Base64,
  decodePacket,
  decodePayload,
  encodeHandshake,
  encodePacket,
  encodePayload,
  type EnginePacket,
  type Frame,
  type Handshake,
  jsonCodec,
  type Packet,
  parseHandshake,
} from "./index.ts";
import { leanCodec } from "./socket/codec-lean.ts";

const base64: Base64 = {
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
  decode(text) {
    assertBase64(text);
    return new Uint8Array(Buffer.from(text, "base64"));
  },
};

const HASH = "aa49ca842ae416a696416d42b461704d25f3ab99033628e34865c10c55c04303";

interface Named {
  readonly name: string;
}
interface Bad extends Named {
  readonly code: string;
}
interface Vectors {
  readonly engine: {
    readonly packets: readonly (Named & { packet: EnginePacket; frame: Frame; text: string })[];
    readonly decodeOnly: readonly (Named & { packet: EnginePacket; frame: Frame })[];
    readonly payloads: readonly (Named & { packets: EnginePacket[]; payload: string })[];
    readonly malformed: readonly (Bad & { as: "frame" | "payload"; input: string })[];
    readonly handshakes: readonly (Named & { text: string; handshake: Handshake })[];
    readonly handshakesDecodeOnly: readonly (Named & { text: string; handshake: Handshake })[];
    readonly handshakesMalformed: readonly (Bad & { text: string })[];
  };
  readonly socket: {
    readonly packets: readonly (Named & { packet: Packet; frames: Frame[] })[];
    readonly decodeOnly: readonly (Named & { packet: Packet; frames: Frame[] })[];
    readonly malformed: readonly (Bad & { frames: Frame[] })[];
  };
}

const file = readFileSync(new URL("../vectors.json", import.meta.url), "utf8");
const { engine, socket } = JSON.parse(file, (_key, value: unknown) => bytesIn(value)) as Vectors;

function bytesIn(value: unknown): unknown {
  const base64 = (value as { $bytes?: unknown } | null)?.$bytes;
  return typeof base64 === "string" ? new Uint8Array(Buffer.from(base64, "base64")) : value;
}

describe("vectors.json", () => {
  it("[S2] is what it was when this version of the wire was agreed on", () => {
    const hash = createHash("sha256").update(file).digest("hex");
    const advice =
      "the wire changed: vectors.json is not the pinned one. Peers in the field speak the old wire, so a vector is " +
      "never edited to make a test pass. If you only added vectors, or fixed one that contradicted the official " +
      `parsers, set HASH in vectors.test.ts to "${hash}", say so in SPEC.md and in the changelog.`;
    expect(hash, advice).toBe(HASH);
  });

  it("[S2] holds at least 60 vectors", () => {
    const lists = [...Object.values(engine), ...Object.values(socket)] as (readonly unknown[])[];
    expect(lists.reduce((sum, list) => sum + list.length, 0)).toBeGreaterThanOrEqual(60);
  });
});

describe("engine vectors", () => {
  it.each(engine.packets)("[E2] as a frame: $name", ({ packet, frame, text }) => {
    expect(encodePacket(packet)).toEqual(frame);
    expect(decodePacket(frame, base64)).toEqual(packet);
    stockEncode(packet, true, (stock) => expect(stock).toEqual(frame));
    stockEncode(packet, false, (stock) => expect(stock).toBe(text));
  });

  it.each(engine.packets)("[E3] as text: $name", ({ packet, text }) => {
    expect(encodePacketAsText(packet, base64)).toBe(text);
    expect(decodePacket(text, base64)).toEqual(packet);
  });

  it.each(engine.decodeOnly)("[E3] read, though nobody here writes it so: $name", ({ packet, frame }) => {
    expect(decodePacket(frame, base64)).toEqual(packet);
    const { data } = stockDecode(frame, "nodebuffer") as { data: Buffer };
    expect(new Uint8Array(data)).toEqual(packet.data);
  });

  it.each(engine.payloads)("[E4] a poll body of $name", ({ packets, payload }) => {
    expect(encodePayload(packets, base64)).toBe(payload);
    expect(decodePayload(payload, base64)).toEqual(packets);
  });

  it.each(engine.malformed)("[E4] refused as a $as: $name", ({ as, input, code }) => {
    expect(() => (as === "frame" ? decodePacket(input, base64) : decodePayload(input, base64))).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });

  it.each(engine.handshakes)("[E5] the handshake $name", ({ text, handshake }) => {
    expect(encodeHandshake(handshake)).toBe(text);
    expect(parseHandshake(text)).toEqual(handshake);
  });

  it.each(engine.handshakesDecodeOnly)("[E5] a handshake $name", ({ text, handshake }) => {
    const maxPayload = (handshake.maxPayload as number | null) ?? Infinity;
    expect(parseHandshake(text)).toEqual({ ...handshake, maxPayload });
  });

  it.each(engine.handshakesMalformed)("[E5] a handshake is refused: $name", ({ text, code }) => {
    expect(() => parseHandshake(text)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

function decodeAll(frames: readonly Frame[]): (Packet | undefined)[] {
  const decoder = jsonCodec().decoder();
  return frames.map((frame) => decoder.push(frame));
}

const STOCK_TYPES = { connect: 0, disconnect: 1, event: 2, ack: 3, connect_error: 4 } as const;

function stockPacket(packet: Packet): object {
  const { namespace: nsp, type, ...rest } = packet;
  return { ...rest, type: STOCK_TYPES[type], nsp };
}

function stockDecodeAll(frames: readonly Frame[]): unknown[] {
  const decoder = new StockDecoder();
  const packets: unknown[] = [];
  decoder.on("decoded", (packet: unknown) => packets.push(packet));
  for (const frame of frames) decoder.add(frame);
  return packets;
}

describe("socket vectors", () => {
  it.each(socket.packets)("[S2] $name", ({ packet, frames }) => {
    expect(jsonCodec().encode(packet)).toEqual(frames);
    expect(new StockEncoder().encode(structuredClone(stockPacket(packet)) as never)).toEqual(frames);
    const decoded = decodeAll(frames);
    expect(decoded.slice(0, -1).every((early) => early === undefined)).toBe(true);
    expect(decoded.at(-1)).toEqual(packet);
    expect(stockDecodeAll(frames)).toEqual([stockPacket(packet)]);
  });

  it.each(socket.decodeOnly)("[S2] read, though nobody here writes it so: $name", ({ packet, frames }) => {
    expect(decodeAll(frames).at(-1)).toEqual(packet);
    expect(stockDecodeAll(frames)).toEqual([stockPacket(packet)]);
  });

  it.each(socket.malformed)("[S12] refused: $name", ({ frames, code }) => {
    expect(() => decodeAll(frames)).toThrow(
      expect.objectContaining({ code, name: `RealtimeError [${code}]` }) as Error,
    );
  });

  /** What the small codec leaves to the server to keep right: namespaces, ids, names, and data that nobody looks at. */
  const TRUSTED =
    /^(CONNECT|DISCONNECT|CONNECT_ERROR) |(empty|named by|reserved name|white space|too large|separator|without an id|without a (count|dash)|zero)/;

  it.each([...socket.packets, ...socket.decodeOnly])("[S14] the small codec: $name", ({ packet, frames }) => {
    // Nobody writes a count with zeros before it.
    const written = frames.map((frame) =>
      typeof frame === "string" ? frame.replace(/^([56])0+/, "$1") : frame,
    );
    const decoder = leanCodec.decoder();
    expect(written.map((frame) => decoder.push(frame)).at(-1)).toEqual(packet);
    expect(leanCodec.encode(packet)).toEqual(jsonCodec().encode(packet));
  });

  it.each(socket.malformed)(
    "[S14] the small codec refuses, or can read on after: $name",
    ({ name, frames }) => {
      const decoder = leanCodec.decoder();
      const read = (): unknown => frames.map((frame) => decoder.push(frame)).at(-1);
      if (!TRUSTED.test(name)) {
        // Of some only the last attachment shows what they are.
        expect(() => [read(), decoder.push(new Uint8Array(1))]).toThrow(
          expect.objectContaining({ code: "bad_packet" }) as Error,
        );
        return;
      }
      try {
        read();
      } catch (error) {
        expect(error).toMatchObject({ code: "bad_packet" });
      }
    },
  );
});
