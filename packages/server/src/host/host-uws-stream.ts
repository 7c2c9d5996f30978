import type { HostStream, HostStreamListener } from "./host.ts";
import { ownBytes } from "./own-bytes.ts";
import type { Flushable, TurnQueue } from "./turn-queue.ts";
import type { UwsResponse } from "./uws-api.ts";

/** So much at most is given to uWS before we know that what went before has left. */
const PIECE_BYTES = 64 * 1024;
/** Told whether it could be written, we know whether everything before it has left. */
const PROBE_BYTES = 1;

/** What the streams of one host share. */
export interface UwsStreamContext {
  readonly turns: TurnQueue;
  failed(error: unknown): void;
}

export interface UwsStreamParts {
  readonly response: UwsResponse;
  readonly context: UwsStreamContext;
  /** Writes status and headers; called inside a cork, with the first text or the end. */
  writeHead(): void;
  /** Nothing is to be written any more. */
  ended(): void;
}

/**
 * One answer of uWS that goes on, in its chunks. uWS keeps what the kernel does not take, without a bound, and tells no
 * more than that a write was not taken whole, and when one may be again. So what waits, waits here: uWS gets a piece at a
 * time, and after one that it could not pass on a single byte, whose fate says whether the rest is gone. While a handler
 * for `onWritable` is set, uWS sends what it keeps only when it is called (any cork does).
 */
export class UwsStream implements HostStream, Flushable {
  waits = 0;
  readonly #parts: UwsStreamParts;
  #listener: HostStreamListener | undefined;
  /** ending: no text is taken any more, and some is still here. */
  #state: "open" | "ending" | "over" = "open";
  #hasHead = false;
  /** Of this turn. */
  #text = "";
  /** Of the turns before, as far as uWS has not taken it. */
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  /** That uWS keeps, as far as is known. */
  #keptBytes = 0;
  /** uWS could not pass on the last piece. */
  #isBlocked = false;
  /** It could since, and perhaps not the whole of it. */
  #isDoubtful = false;
  /** More waited than a piece, or more than uWS could pass on. */
  #owesDrain = false;
  /** Whether we are inside a call that makes uWS report the end before it returns. */
  #isCutting = false;

  constructor(parts: UwsStreamParts) {
    this.#parts = parts;
    parts.response.onWritable(() => {
      this.#writable();
      return true;
    });
  }

  get bufferedAmount(): number {
    return this.#waitingBytes + this.#keptBytes;
  }

  write(text: string): void {
    if (this.#state !== "open" || text === "") return;
    this.#text += text;
    this.#parts.context.turns.add(this);
    this.#waitingBytes += Buffer.byteLength(text);
    if (this.#waitingBytes >= PIECE_BYTES) this.#owesDrain = true;
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.flush();
  }

  terminate(): void {
    if (this.#state === "over" || this.#isCutting) return;
    this.#isCutting = true;
    this.#parts.response.close();
    this.#isCutting = false;
  }

  flush(): void {
    if (this.#state === "over") return;
    if (this.#text !== "") {
      const bytes = Buffer.from(this.#text);
      this.#chunks.push(this.#isBlocked ? ownBytes(bytes) : bytes);
      this.#text = "";
    }
    if (!this.#isBlocked || this.#mayEnd) this.#corked();
  }

  /** Called by the host, once, as the next. */
  open(open: (stream: HostStream) => HostStreamListener): void {
    this.#guard(() => (this.#listener = open(this)));
    if (!this.#listener) this.terminate();
  }

  /** The link is over. */
  aborted(): void {
    if (this.#state === "over") return;
    this.#finish(this.#isCutting || !this.#listener);
  }

  get #mayEnd(): boolean {
    return this.#state === "ending" && this.#waitingBytes === 0;
  }

  #corked(): void {
    this.#parts.response.cork(() => this.#guard(() => this.#send()));
  }

  #send(): void {
    const { response } = this.#parts;
    if (!this.#hasHead) {
      this.#hasHead = true;
      this.#parts.writeHead();
    }
    for (let piece = this.#takePiece(); piece; piece = this.#takePiece()) {
      this.#isBlocked = response.write(piece) === false;
      this.#keptBytes = this.#isBlocked ? this.#keptBytes + piece.byteLength : 0;
    }
    if (this.#isBlocked) this.#owesDrain = true;
    else if (this.#owesDrain) this.#tellDrained();
    if (!this.#mayEnd) return;
    response.end();
    this.#finish(true);
    this.#guard(() => this.#parts.ended());
  }

  #takePiece(): Uint8Array | undefined {
    const [chunk] = this.#chunks;
    if (!chunk || this.#isBlocked) return undefined;
    const piece = chunk.subarray(0, this.#isDoubtful ? PROBE_BYTES : PIECE_BYTES);
    this.#isDoubtful = false;
    if (piece.byteLength < chunk.byteLength) this.#chunks[0] = compact(chunk.subarray(piece.byteLength));
    else this.#chunks.shift();
    this.#waitingBytes -= piece.byteLength;
    return piece;
  }

  #writable(): void {
    if (this.#state === "over") return;
    this.#isBlocked = false;
    this.#isDoubtful = true;
    // The best that can be said: less than a piece may be there still. The next write finds out.
    if (this.#waitingBytes === 0) this.#keptBytes = 0;
    this.#corked();
  }

  /** Later, because whoever listens may be just calling us. */
  #tellDrained(): void {
    this.#owesDrain = false;
    queueMicrotask(() => {
      if (this.#state !== "open") return;
      if (this.bufferedAmount === 0) this.#guard(() => this.#listener?.drain());
      else this.#owesDrain = true;
    });
  }

  /** Later, if whoever listens is just calling us. */
  #finish(isLater: boolean): void {
    this.#state = "over";
    this.#text = "";
    this.#chunks = [];
    this.#waitingBytes = 0;
    this.#keptBytes = 0;
    const tell = (): void => this.#guard(() => this.#listener?.closed());
    if (isLater) queueMicrotask(tell);
    else tell();
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#parts.context.failed(error);
    }
  }
}

/** A view keeps alive all that it was cut from. */
function compact(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength * 2 > bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
