import { connect, type Socket } from "node:net";
import { type AnswerListener, HttpReader } from "./http-reader.ts";
import { arrivals } from "./meter.ts";

/** All sockets read into it, one after another. */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

/** One connection that is kept, for one request after another. */
export class HttpConnection {
  readonly #socket: Socket;

  constructor(port: number, listener: AnswerListener & { onLost(why: string): void }) {
    const reader = new HttpReader(listener);
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: SHARED,
        callback: (length) => {
          arrivals.count += 1;
          reader.push(SHARED.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => listener.onLost("the server closed a connection"));
  }

  get(query: string): void {
    this.#socket.write(`GET /socket.io/?EIO=4&${query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  }

  post(query: string, body: Buffer): void {
    const head =
      `POST /socket.io/?EIO=4&${query} HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
      `Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ${body.length}\r\n\r\n`;
    this.#socket.write(Buffer.concat([Buffer.from(head), body]));
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
