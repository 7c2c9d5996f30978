import type { Duplex } from "node:stream";
import type { Frame } from "@bowline/protocol";
import type { RawData, WebSocket } from "ws";
import type { FrameWriter } from "./host-node-frames.ts";
import type { SendOptions, WebSocketListener, WebSocketPeer } from "./host.ts";
import { ownBytes } from "./own-bytes.ts";

const OPEN = 1;

/**
 * One WebSocket of ws. Reading, closing, pings and the checks of RFC 6455 are ws's; frames go to the socket directly.
 * That is sound because ws, without compression, writes each of its own frames at once and whole: what is written
 * between two of them stays between them.
 */
export class NodePeer implements WebSocketPeer {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  /** `undefined` when ws has to write itself: frames are compressed, or it is another engine than ws. */
  readonly #writer: FrameWriter | undefined;

  /** Frames of fewer bytes leave as they are. */
  readonly #compressFrom: number;

  constructor(ws: WebSocket, socket: Duplex, writer: FrameWriter | undefined, compressFrom: number) {
    this.#ws = ws;
    this.#socket = socket;
    this.#writer = writer;
    this.#compressFrom = compressFrom;
  }

  get bufferedAmount(): number {
    return this.#writer ? this.#socket.writableLength : this.#ws.bufferedAmount;
  }

  send(frame: Frame, options?: SendOptions): void {
    if (this.#ws.readyState !== OPEN) return;
    if (this.#writer) return this.#writer.write(this.#socket, frame, options?.sent);
    const { compress = true, sent } = options ?? {};
    const binary = typeof frame !== "string";
    // Here, because ws looks at its threshold only where the peer keeps no context.
    const isLong = (binary ? frame.byteLength : Buffer.byteLength(frame)) >= this.#compressFrom;
    this.#ws.send(frame, { binary, compress: compress && isLong }, (error) => {
      if (!error) sent?.();
    });
  }

  flush(): void {
    if (this.#writer && this.#socket.writableCorked > 0) this.#socket.uncork();
  }

  close(code: number, reason: string): void {
    if (this.#ws.readyState === OPEN) this.#ws.close(code, reason);
  }

  /** Whether nobody has begun to close it. */
  get isOpen(): boolean {
    return this.#ws.readyState === OPEN;
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** `failed` takes what the listener throws. */
  listen(listener: WebSocketListener, failed: (error: unknown) => void): void {
    let error: Error | undefined;
    this.#ws.on("message", (data, isBinary) => {
      try {
        listener.message(toFrame(data, isBinary));
      } catch (thrown) {
        failed(thrown);
      }
    });
    // Node says "drain" only if a write filled its buffer before; less than that is gone before anybody could ask.
    this.#socket.on("drain", () => contained(() => listener.drain(), failed));
    this.#ws.on("error", (cause) => (error = cause));
    this.#ws.on("close", (code) => contained(() => listener.closed(code, error), failed));
  }
}

/** With the default binary type ws gives a Buffer. It is ours, but a small one may pin the whole read buffer it lies in. */
function toFrame(data: RawData, isBinary: boolean): Frame {
  const bytes = data as Buffer;
  return isBinary ? ownBytes(bytes) : bytes.toString("utf8");
}

function contained(run: () => void, failed: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    failed(error);
  }
}
