import { type Codec, jsonCodec } from "@bowline/protocol";
import { explainUnserializable, type Parser, parserCodec } from "@bowline/protocol/internal";

/** Whether there is what is seldom used: everywhere but in the minified files, which have extras-none.ts. */
export const EXTRAS: boolean = true;

/** Says what cannot be sent, and where it is. */
const standard = jsonCodec({ explain: explainUnserializable });

/** Packets to frames as the option `parser` has it. */
export function codecOf(parser: Parser | undefined): Codec {
  return parser ? parserCodec(parser, asPlatform) : standard;
}

/** Bytes as parsers for Socket.IO get them: a Buffer on Node, in a page what its WebSocket gives. */
function asPlatform(bytes: Uint8Array): Uint8Array | ArrayBuffer {
  return bytes.constructor === Uint8Array ? bytes.slice().buffer : bytes;
}
