import { RealtimeError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { assertSound, type Fields } from "./codec-json.ts";
import type { Codec } from "./codec.ts";
import { type Packet, TYPES } from "./packet.ts";

/** A packet as parsers made for Socket.IO know it: types are the digits of the wire. */
export interface ParserPacket {
  type: number;
  nsp: string;
  data?: unknown;
  id?: number | undefined;
}

export interface ParserEncoder {
  /** Gives a list of frames; the declarations of some parsers say otherwise. */
  encode(packet: ParserPacket): unknown;
}

export interface ParserDecoder {
  // A method, so that a decoder whose listener is typed more narrowly is one too.
  on(event: "decoded", listener: (packet: ParserPacket) => void): unknown;
  add(chunk: unknown): void;
}

/** What Socket.IO's option `parser` takes: `socket.io-msgpack-parser` for one. */
export interface Parser {
  readonly Encoder: new () => ParserEncoder;
  readonly Decoder: new () => ParserDecoder;
}

/**
 * A codec that leaves the bytes to a parser made for Socket.IO. What the parser decodes is checked as if it were our own
 * (SPEC S13); it MUST emit what it decodes before `add` returns. `toChunk` makes of bytes what its `add` wants.
 */
export function parserCodec(
  { Encoder, Decoder }: Parser,
  toChunk: (bytes: Uint8Array) => unknown = (bytes) => bytes,
): Codec {
  const encoder = new Encoder();
  return {
    encode(packet) {
      assertSound(packet, "invalid_argument");
      try {
        return [encoder.encode(toParserPacket(packet))].flat().map(toFrame);
      } catch (cause) {
        throw new RealtimeError("unserializable", `the parser could not encode this ${packet.type}`, {
          cause,
        });
      }
    },
    decoder() {
      const decoder = new Decoder();
      let decoded: ParserPacket | undefined;
      decoder.on("decoded", (packet) => (decoded = packet));
      return {
        push(frame) {
          decoded = undefined;
          try {
            decoder.add(typeof frame === "string" ? frame : toChunk(frame));
          } catch (cause) {
            throw new RealtimeError("bad_packet", "the parser refused a packet", { cause });
          }
          return decoded && fromParserPacket(decoded, "bad_packet");
        },
      };
    },
  };
}

export function toParserPacket(packet: Packet): ParserPacket {
  const { type, namespace, data, id }: Fields = packet;
  const made: ParserPacket = { type: TYPES.indexOf(type), nsp: namespace };
  if (data !== undefined) made.data = data;
  if (id !== undefined) made.id = id;
  return made;
}

/** @throws RealtimeError with the code */
export function fromParserPacket(packet: ParserPacket, code: "bad_packet" | "invalid_argument"): Packet {
  const type = TYPES[packet.type];
  if (!type) throw new RealtimeError(code, `${packet.type} is no type of a packet`);
  const made: Fields = { type, namespace: packet.nsp, id: packet.id, data: packet.data };
  assertSound(made, code);
  return made;
}

function toFrame(part: unknown): Frame {
  return part instanceof ArrayBuffer ? new Uint8Array(part) : (part as Frame);
}
