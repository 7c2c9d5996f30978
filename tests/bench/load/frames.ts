export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;

/** A client's frame. The mask is zero: it costs this side nothing, and the other what any costs. */
export function clientFrame(opcode: number, payload: string | Buffer): Buffer {
  const length = typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
  if (length > 0xffff) throw new Error(`${length} bytes are more than this makes frames of`);
  const head = length > 125 ? 8 : 6;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (length > 125 ? 126 : length);
  if (length > 125) frame.writeUInt16BE(length, 2);
  frame.writeUInt32BE(0, head - 4);
  if (typeof payload === "string") frame.write(payload, head);
  else payload.copy(frame, head);
  return frame;
}
