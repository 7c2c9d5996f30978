import type { Duplex } from "node:stream";
import type { Frame } from "@bowline/protocol";
import { LastFew } from "../last-few.ts";
import { ownBytes } from "./own-bytes.ts";

const TEXT = 0x81;
const BINARY = 0x82;
/** To write two pieces costs more than to copy so many bytes. */
const COPIED_BYTES = 16 * 1024;

/**
 * Writes frames so that those of one turn of the event loop leave in one write per socket: the system call is what
 * costs, not the bytes. A turn and not a tick, because messages that arrived together come in ticks of their own, and
 * what answers them may well go to the same sockets (16 senders, 1 000 receivers: 0.6 instead of 2.4 µs per delivery).
 * One per host. A broadcast sends the same frame to many, so the bytes of the last frames are kept until the turn ends.
 */
export class FrameWriter {
  #corked: Duplex[] = [];
  readonly #chunks = new LastFew<Frame, Uint8Array[]>();
  /** Sockets of this turn that have not got rid of what earlier ones wrote. */
  readonly #behind = new Set<Duplex>();

  write(socket: Duplex, frame: Frame, sent?: () => void): void {
    if (socket.writableCorked === 0) {
      socket.cork();
      if (socket.writableLength > 0) this.#behind.add(socket);
      if (this.#corked.push(socket) === 1) setImmediate(uncorkAll, this);
    }
    const chunks = this.#encode(frame);
    // In place, so that all who are behind share them.
    if (this.#behind.size > 0 && this.#behind.has(socket)) chunks.forEach(own);
    if (!sent) for (const chunk of chunks) socket.write(chunk);
    else
      chunks.forEach((chunk, index) =>
        socket.write(chunk, index === chunks.length - 1 ? told(sent) : undefined),
      );
  }

  uncork(): void {
    const corked = this.#corked;
    this.#corked = [];
    this.#chunks.clear();
    this.#behind.clear();
    for (const socket of corked) socket.uncork();
  }

  #encode(frame: Frame): Uint8Array[] {
    return this.#chunks.get(frame) ?? this.#chunks.add(frame, encodeFrame(frame));
  }
}

function own(chunk: Uint8Array, index: number, chunks: Uint8Array[]): void {
  chunks[index] = ownBytes(chunk);
}

/** A write that failed was not sent. */
function told(sent: () => void): (error: Error | null | undefined) => void {
  return (error) => {
    if (!error) sent();
  };
}

/** A function of its own, so that no closure is made per turn. */
function uncorkAll(writer: FrameWriter): void {
  writer.uncork();
}

/** One unmasked, final frame as a server sends it (RFC 6455, 5.2). In one piece, unless the bytes are worth not copying. */
export function encodeFrame(frame: Frame): Uint8Array[] {
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
  else if (isSplit) return [bytes, frame];
  else bytes.set(frame, headerLength);
  return [bytes];
}
