import { type Agent, type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpCall {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly agent?: Agent;
}

/** One request on a connection of its own, unless there is an agent. */
export function call(
  port: number,
  { method = "GET", path, headers, body, agent }: HttpCall,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, method, path, headers: { ...headers }, agent: agent ?? false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    sent.on("error", reject);
    for (const chunk of Array.isArray(body) ? body : body === undefined ? [] : [body]) sent.write(chunk);
    sent.end();
  });
}

/** Bare TCP, for what no proper client would send. */
export class RawClient {
  readonly socket: Socket;
  received: Buffer = Buffer.alloc(0);
  chunks = 0;
  readonly closed: Promise<void>;
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => {
      this.chunks++;
      this.received = Buffer.concat([this.received, chunk]);
      for (const { until, resolve } of this.#waiting) if (until()) resolve();
    });
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Settles when so much text has arrived. */
  async until(text: string): Promise<string> {
    await this.when(() => this.received.includes(text, 0, "latin1"));
    return this.received.toString("latin1");
  }

  when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** An upgrade request, as text. */
export function upgradeRequest(path: string, extra: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...extra,
    "",
    "",
  ].join("\r\n");
}

export interface FrameParts {
  readonly opcode: number;
  readonly payload: string | Uint8Array;
  readonly isFinal?: boolean;
  readonly reserved?: number;
}

/** A masked frame as a client sends it; the mask is all zero, so the payload stands as it is. */
export function clientFrame({ opcode, payload, isFinal = true, reserved = 0 }: FrameParts): Buffer {
  const bytes = Buffer.from(payload);
  const length =
    bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.of((isFinal ? 0x80 : 0) | reserved | opcode, ...length, 0, 0, 0, 0), bytes]);
}

/** A WebSocket that keeps what it gets from the first frame on. */
export class WebSocketClient {
  readonly socket: WebSocket;
  readonly frames: (string | Buffer)[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** The status of an answer that is no WebSocket. */
  readonly refused: Promise<HttpAnswer>;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(port: number, path: string, options: WebSocketClientOptions = {}) {
    const { protocols = [], headers = {} } = options;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols], { headers });
    this.socket.on("error", () => {});
    this.socket.on("message", (data: Buffer, isBinary) => {
      this.frames.push(isBinary ? data : data.toString("utf8"));
      for (const { count, resolve } of this.#waiting) if (this.frames.length >= count) resolve();
    });
    this.opened = new Promise((resolve) => this.socket.once("open", resolve));
    this.closed = new Promise((resolve) =>
      this.socket.once("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") })),
    );
    this.refused = new Promise((resolve) =>
      this.socket.once("unexpected-response", (sent, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", () => {});
        response.once("close", () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          });
          sent.destroy();
        });
      }),
    );
  }

  async framesOf(count: number): Promise<readonly (string | Buffer)[]> {
    if (this.frames.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    }
    return this.frames;
  }
}

export interface WebSocketClientOptions {
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}
