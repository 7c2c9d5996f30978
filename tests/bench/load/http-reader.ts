const LINE_END = Buffer.from("\r\n");
const HEAD_END = Buffer.from("\r\n\r\n");

/** What of an answer comes next: its head, so many bytes of its body, or, in a chunked one, the line before a chunk. */
type Expecting =
  | { readonly part: "head" }
  | { readonly part: "body"; left: number }
  | { readonly part: "chunk" };

export interface AnswerListener {
  /** A piece of the body; reused afterwards. */
  onBody(bytes: Buffer): void;
  onEnd(status: number): void;
}

/** Answers of HTTP/1.1 on a connection that is kept: with a length, or chunked. */
export class HttpReader {
  readonly #listener: AnswerListener;
  #expecting: Expecting = { part: "head" };
  #isChunked = false;
  #status = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(listener: AnswerListener) {
    this.#listener = listener;
  }

  push(piece: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    for (;;) {
      const taken = this.#take(bytes);
      if (taken === 0) break;
      bytes = bytes.subarray(taken);
    }
    this.#rest = Buffer.from(bytes);
  }

  /** Returns how many bytes it could make use of. */
  #take(bytes: Buffer): number {
    const expecting = this.#expecting;
    if (expecting.part === "head") return this.#takeHead(bytes);
    if (expecting.part === "chunk") return this.#takeChunkLine(bytes);
    const taken = Math.min(expecting.left, bytes.length);
    if (taken === 0) return 0;
    // A chunk's own end of line is counted with it, and not told.
    const end = this.#isChunked ? Math.min(taken, Math.max(0, expecting.left - LINE_END.length)) : taken;
    if (end > 0) this.#listener.onBody(bytes.subarray(0, end));
    expecting.left -= taken;
    if (expecting.left === 0) {
      if (this.#isChunked) this.#expecting = { part: "chunk" };
      else this.#finish();
    }
    return taken;
  }

  #takeHead(bytes: Buffer): number {
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) return 0;
    const head = bytes.toString("latin1", 0, end).toLowerCase();
    this.#status = Number(head.slice(9, 12));
    this.#isChunked = head.includes("\r\ntransfer-encoding: chunked");
    const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
    if (this.#isChunked) this.#expecting = { part: "chunk" };
    else if (length > 0) this.#expecting = { part: "body", left: length };
    else this.#finish();
    return end + HEAD_END.length;
  }

  #takeChunkLine(bytes: Buffer): number {
    const end = bytes.indexOf(LINE_END);
    if (end === -1) return 0;
    const size = Number.parseInt(bytes.toString("latin1", 0, end), 16);
    const line = end + LINE_END.length;
    if (size > 0) {
      this.#expecting = { part: "body", left: size + LINE_END.length };
      return line;
    }
    if (bytes.length < line + LINE_END.length) return 0;
    this.#finish();
    return line + LINE_END.length;
  }

  #finish(): void {
    this.#expecting = { part: "head" };
    this.#listener.onEnd(this.#status);
  }
}
