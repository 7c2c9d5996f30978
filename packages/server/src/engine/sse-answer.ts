import type { HostResponse, HostStream, HostStreamListener } from "../host/host.ts";

const STATUS_AND_HEADERS: HostResponse = {
  status: 200,
  headers: {
    "Content-Type": "text/event-stream; charset=utf-8",
    // The last keeps proxies, and compressing middleware, from holding back what they would make smaller.
    "Cache-Control": "no-cache, no-store, no-transform",
    "X-Accel-Buffering": "no",
  },
};
/** Tells apart an answer that was ended from one that was cut. */
export const STREAM_END = "event: end\n\n";
/** The session goes on elsewhere. */
export const STREAM_OVER: HostResponse = { ...STATUS_AND_HEADERS, body: STREAM_END };
/** The head of an answer leaves with its first text, so one that has nothing to say yet says nothing aloud. */
const COMMENT = ":\n\n";

/** Whoever has the answer. */
export interface SseAnswerListener {
  drain(answer: SseAnswer): void;
  /** It is over, or its peer left before it began. At most once. */
  closed(answer: SseAnswer): void;
}

/** The answer to one GET for a stream. May be written to at once; until the host begins with it, it keeps that. */
export class SseAnswer implements HostStreamListener {
  readonly #listener: SseAnswerListener;
  /** Whether it goes on where another one ended. */
  readonly isNext: boolean;
  /** That were written. */
  bytes = 0;
  /** It has gone on for as long as it may. */
  isOld = false;
  #stream: HostStream | undefined;
  #unwritten = "";
  #isEnded = false;
  #isCut = false;

  constructor(isNext: boolean, listener: SseAnswerListener) {
    this.isNext = isNext;
    this.#listener = listener;
    if (isNext) this.#unwritten = COMMENT;
  }

  get response(): HostResponse {
    return { ...STATUS_AND_HEADERS, open: (stream) => this.#open(stream) };
  }

  /** Bytes that were written and did not leave yet. */
  get bufferedAmount(): number {
    return this.#stream ? this.#stream.bufferedAmount : Buffer.byteLength(this.#unwritten);
  }

  write(text: string): void {
    if (this.#isEnded) return;
    this.bytes += Buffer.byteLength(text);
    if (this.#stream) this.#stream.write(text);
    else this.#unwritten += text;
  }

  flush(): void {
    this.#stream?.flush?.();
  }

  /** What was written leaves, with these last words. */
  end(lastWords: string): void {
    this.write(lastWords);
    this.#isEnded = true;
    this.#stream?.end();
  }

  cut(): void {
    this.#isCut = true;
    this.#stream?.terminate();
  }

  /** The peer left before there was an answer. */
  left(): void {
    this.#listener.closed(this);
  }

  /** Called by the host, as the next. */
  drain(): void {
    this.#listener.drain(this);
  }

  closed(): void {
    this.#listener.closed(this);
  }

  #open(stream: HostStream): this {
    this.#stream = stream;
    stream.write(this.#unwritten);
    this.#unwritten = "";
    if (this.#isCut) stream.terminate();
    else if (this.#isEnded) stream.end();
    else if (this.isNext) this.drain();
    return this;
  }
}
