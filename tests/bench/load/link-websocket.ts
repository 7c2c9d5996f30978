import { connect, type Socket } from "node:net";
import { FrameReader } from "./frame-reader.ts";
import { BINARY, CLOSE, clientFrame, TEXT } from "./frames.ts";
import type { Link, LinkListener } from "./link.ts";
import { arrivals } from "./meter.ts";

/** All sockets read into it, one after another. */
const SHARED = Buffer.allocUnsafeSlow(256 * 1024);

const HANDSHAKE = Buffer.from(
  "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n" +
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n",
);
const NORMAL_CLOSURE = clientFrame(CLOSE, Buffer.from([0x03, 0xe8]));

type State = "handshake" | "open" | "closing" | "closed";

export class WebSocketLink implements Link {
  #state: State = "handshake";
  readonly #listener: LinkListener;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  /** Of an answer that is not whole. */
  #head = "";
  #closed: (() => void) | undefined;

  constructor(port: number, listener: LinkListener, localAddress?: string) {
    this.#listener = listener;
    this.#reader = new FrameReader((opcode, bytes, begin, end) => this.#frame(opcode, bytes, begin, end));
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      ...(localAddress === undefined ? {} : { localAddress }),
      noDelay: true,
      onread: { buffer: SHARED, callback: (length) => this.#read(SHARED.subarray(0, length)) },
    });
    this.#socket.write(HANDSHAKE);
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.#end());
  }

  encode(packet: string, attachment?: Buffer): Buffer {
    const text = clientFrame(TEXT, packet);
    return attachment ? Buffer.concat([text, clientFrame(BINARY, attachment)]) : text;
  }

  write(encoded: Buffer): void {
    this.#socket.write(encoded);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === "closed") return resolve();
      this.#state = "closing";
      this.#closed = resolve;
      this.#socket.write(NORMAL_CLOSURE);
    });
  }

  together(write: () => void): void {
    this.#socket.cork();
    write();
    this.#socket.uncork();
  }

  /** What is answered to what came together leaves together: a generator that is slower than the server would take it apart otherwise. */
  #read(bytes: Buffer): boolean {
    arrivals.count += 1;
    if (this.#state === "handshake") this.#handshake(bytes);
    else this.together(() => this.#reader.push(bytes));
    return true;
  }

  #handshake(bytes: Buffer): void {
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end === -1) return;
    const rest = Buffer.from(this.#head.slice(end + 4), "latin1");
    if (!this.#head.startsWith("HTTP/1.1 101")) {
      this.#socket.destroy();
      return;
    }
    this.#head = "";
    this.#state = "open";
    if (rest.length > 0) this.#reader.push(rest);
  }

  #frame(opcode: number, bytes: Buffer, begin: number, end: number): void {
    if (opcode === TEXT) this.#listener.onPacket(bytes, begin, end);
    else if (opcode === BINARY) this.#listener.onAttachment(end - begin);
    else if (opcode === CLOSE && this.#state === "open") {
      this.#socket.write(NORMAL_CLOSURE);
    }
  }

  #end(): void {
    const was = this.#state;
    this.#state = "closed";
    this.#closed?.();
    if (was !== "closing") this.#listener.onLost(`the server closed: ${this.#head.split("\r\n")[0]}`);
  }
}
