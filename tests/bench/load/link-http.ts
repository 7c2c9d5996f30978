import { HttpConnection } from "./http-connection.ts";
import type { Link, LinkListener } from "./link.ts";

const RECORD_SEPARATOR = 0x1e;
const SEPARATOR = Buffer.from([RECORD_SEPARATOR]);
const LINE_FEED = 0x0a;
const DATA = "data:";

/** Long-polling or server-sent events: one connection to read from, one to write to. */
export class HttpLink implements Link {
  readonly #transport: "polling" | "sse";
  readonly #listener: LinkListener;
  readonly #down: HttpConnection;
  readonly #up: HttpConnection;
  #sessionId = "";
  /** Of an answer, or a line, that is not whole. */
  #rest: Buffer = Buffer.alloc(0);
  #queue: Buffer[] = [];
  #isPosting = false;
  /** Of the next POST, where they are numbered. */
  #sequence = 1;
  #isClosing = false;
  #closed: (() => void) | undefined;

  constructor(port: number, transport: "polling" | "sse", listener: LinkListener) {
    this.#transport = transport;
    this.#listener = listener;
    const onLost = (why: string): void => this.#lost(why);
    this.#down = new HttpConnection(port, {
      onBody: (bytes) =>
        transport === "sse" ? this.together(() => this.#lines(bytes)) : this.#collect(bytes),
      onEnd: (status) => this.#answered(status),
      onLost,
    });
    this.#up = new HttpConnection(port, {
      onBody: () => {},
      onEnd: (status) => this.#posted(status),
      onLost,
    });
    this.#down.get(`transport=${transport}`);
  }

  encode(packet: string, attachment?: Buffer): Buffer {
    if (!attachment) return Buffer.from(packet);
    return Buffer.concat([Buffer.from(packet), SEPARATOR, Buffer.from(`b${attachment.toString("base64")}`)]);
  }

  write(encoded: Buffer): void {
    this.#queue.push(encoded);
    if (!this.#isPosting) this.#post();
  }

  together(write: () => void): void {
    const wasPosting = this.#isPosting;
    this.#isPosting = true;
    write();
    this.#isPosting = wasPosting;
    if (!wasPosting && this.#queue.length > 0) this.#post();
  }

  close(): Promise<void> {
    this.#isClosing = true;
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.write(Buffer.from("1"));
    });
  }

  #post(): void {
    this.#isPosting = true;
    const body = Buffer.concat(
      this.#queue.flatMap((packet, index) => (index === 0 ? [packet] : [SEPARATOR, packet])),
    );
    this.#queue = [];
    const numbered = this.#transport === "sse" ? `&seq=${this.#sequence}` : "";
    this.#sequence += 1;
    this.#up.post(`transport=${this.#transport}&sid=${this.#sessionId}${numbered}`, body);
  }

  #posted(status: number): void {
    this.#isPosting = false;
    if (status !== 200) this.#lost(`a POST was answered with ${status}`);
    else if (this.#queue.length > 0) this.#post();
    else if (this.#closed) {
      this.#down.destroy();
      this.#up.destroy();
      this.#closed();
    }
  }

  #collect(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
  }

  #answered(status: number): void {
    if (this.#isClosing) return;
    if (status !== 200 || this.#transport === "sse") {
      this.#lost(`a GET was answered with ${status}`);
      return;
    }
    const body = this.#rest;
    this.#rest = Buffer.alloc(0);
    this.together(() => this.#payload(body));
    this.#down.get(`transport=polling&sid=${this.#sessionId}`);
  }

  #payload(body: Buffer): void {
    let begin = 0;
    while (begin <= body.length && body.length > 0) {
      const separator = body.indexOf(RECORD_SEPARATOR, begin);
      const end = separator === -1 ? body.length : separator;
      this.#packet(body, begin, end);
      begin = end + 1;
    }
  }

  #lines(bytes: Buffer): void {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    let begin = 0;
    for (;;) {
      const end = all.indexOf(LINE_FEED, begin);
      if (end === -1) break;
      if (all.toString("latin1", begin, begin + DATA.length) === DATA) {
        const space = all[begin + DATA.length] === 0x20 ? 1 : 0;
        this.#packet(all, begin + DATA.length + space, end);
      }
      begin = end + 1;
    }
    this.#rest = Buffer.from(all.subarray(begin));
  }

  #packet(bytes: Buffer, begin: number, end: number): void {
    if (bytes[begin] === 0x62) {
      this.#listener.onAttachment(Math.floor(((end - begin - 1) * 3) / 4));
      return;
    }
    if (bytes[begin] === 0x30) {
      const open = JSON.parse(bytes.toString("utf8", begin + 1, end)) as { sid: string };
      this.#sessionId = open.sid;
    }
    this.#listener.onPacket(bytes, begin, end);
  }

  #lost(why: string): void {
    if (this.#isClosing) this.#closed?.();
    else this.#listener.onLost(why);
  }
}
