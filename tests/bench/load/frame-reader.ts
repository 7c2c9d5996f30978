export type OnFrame = (opcode: number, bytes: Buffer, begin: number, end: number) => void;

/** Where the payload of the frame that begins there lies, or `undefined` while its head is not whole. */
function payloadAt(bytes: Buffer, at: number): { readonly begin: number; readonly end: number } | undefined {
  const left = bytes.length - at;
  if (left < 2) return undefined;
  const short = (bytes[at + 1] ?? 0) & 0x7f;
  if (short < 126) return { begin: at + 2, end: at + 2 + short };
  if (short === 126) {
    return left < 4 ? undefined : { begin: at + 4, end: at + 4 + bytes.readUInt16BE(at + 2) };
  }
  return left < 10 ? undefined : { begin: at + 10, end: at + 10 + Number(bytes.readBigUInt64BE(at + 2)) };
}

/**
 * The frames of a server, of whatever pieces the network makes of them. No fragments, no masks, no compression: who sends
 * such is not what is measured here.
 */
export class FrameReader {
  readonly #onFrame: OnFrame;
  /** Of a frame that is not whole. */
  #rest: Buffer | undefined;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** The bytes are the caller's again when this returns. */
  push(piece: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, piece]) : piece;
    this.#rest = undefined;
    let at = 0;
    while (at < bytes.length) {
      const payload = payloadAt(bytes, at);
      if (payload === undefined || payload.end > bytes.length) break;
      const head = bytes[at] ?? 0;
      if ((head & 0xf0) !== 0x80) throw new Error(`a frame that begins with 0x${head.toString(16)}`);
      this.#onFrame(head & 0x0f, bytes, payload.begin, payload.end);
      at = payload.end;
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
  }
}
