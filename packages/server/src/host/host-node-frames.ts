import type { Frame } from "@bowline/protocol";

const TEXT = 0x81;
const BINARY = 0x82;
/** To write two pieces costs more than to copy so many bytes. */
const COPIED_BYTES = 16 * 1024;

/** What is written for one frame. */
export interface EncodedFrame {
  /** One, unless the bytes are worth not copying. */
  readonly pieces: Uint8Array[];
  readonly byteLength: number;
}

/** One unmasked, final frame as a server sends it (RFC 6455, 5.2). */
export function encodeFrame(frame: Frame): EncodedFrame {
  const isText = typeof frame === "string";
  const length = isText ? Buffer.byteLength(frame) : frame.byteLength;
  const isSplit = !isText && length > COPIED_BYTES;
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(headerLength + (isSplit ? 0 : length));
  bytes[0] = isText ? TEXT : BINARY;
  if (headerLength === 2) bytes[1] = length;
  else if (headerLength === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  if (isText) bytes.write(frame, headerLength, "utf8");
  else if (!isSplit) bytes.set(frame, headerLength);
  return { pieces: isSplit ? [bytes, frame] : [bytes], byteLength: headerLength + length };
}
