import type { Codec, ParserEncoder } from "@bowline/protocol";
import { fromParserPacket } from "@bowline/protocol/internal";

/** Our codec as an encoder that Socket.IO's adapters can call. */
export function encoderOf(codec: Codec): ParserEncoder {
  return { encode: (packet) => [...codec.encode(fromParserPacket(packet, "invalid_argument"))] };
}
