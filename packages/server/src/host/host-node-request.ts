import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { RealtimeError } from "@bowline/protocol";
import { ResponseCapture } from "./captured-response.ts";
import type { HostHeaders, HostRequest, HostResponse } from "./host.ts";

/** A request of node:http, seen as the engine sees it. Node's own object stays valid, but for the address. */
export class NodeRequest implements HostRequest {
  readonly path: string;
  readonly query: string;
  /** Read at once: the socket forgets it when it closes. */
  readonly remoteAddress: string;
  readonly incoming: IncomingMessage;
  readonly #maxPayload: number;
  #response: ServerResponse | undefined;
  /** Of an upgrade somebody looked at the response of. */
  #capture: ResponseCapture | undefined;
  /** Set by the host of an upgrade: takes what a middleware answered. */
  #refuse: ((answer: HostResponse) => void) | undefined;
  #headers: Readonly<Record<string, string>> | undefined;
  #onAbort: (() => void) | undefined;
  #isAborted = false;
  #isStreaming = false;

  constructor(message: IncomingMessage, maxPayload: number) {
    const url = message.url ?? "/";
    const question = url.indexOf("?");
    this.path = question === -1 ? url : url.slice(0, question);
    this.query = question === -1 ? "" : url.slice(question + 1);
    this.remoteAddress = message.socket.remoteAddress ?? "";
    this.incoming = message;
    this.#maxPayload = maxPayload;
  }

  get method(): string {
    return this.incoming.method ?? "GET";
  }

  get secure(): boolean {
    return (this.incoming.socket as Partial<TLSSocket>).encrypted === true;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= copyHeaders(this.incoming.headers);
    return this.#headers;
  }

  get native(): IncomingMessage {
    return this.incoming;
  }

  get outgoing(): ServerResponse {
    if (this.#response) return this.#response;
    if (!this.#capture) {
      const capture = new ResponseCapture(this.incoming, (answer) => this.#refuse?.(answer));
      this.incoming.socket.once("close", () => capture.linkClosed());
      this.#capture = capture;
    }
    return this.#capture.response;
  }

  /** Called by the host with the response of a plain request. */
  answeredBy(response: ServerResponse): void {
    this.#response = response;
    response.once("close", () => {
      if (!response.writableEnded) this.abort();
    });
  }

  /** Called by the host when the answer has begun, and whoever streams it hears of the end of the link. */
  streams(): void {
    this.#isStreaming = true;
  }

  /** Called by the host of an upgrade, for which node:http has no response. */
  refusedBy(refuse: (answer: HostResponse) => void): void {
    this.#refuse = refuse;
  }

  /** What middleware wants in the answer 101; `undefined` if it refused. The last moment to want something. */
  upgradeHeaders(): HostHeaders | undefined {
    this.#refuse = undefined;
    const response = this.#capture?.response;
    if (response?.writableEnded) return undefined;
    // Some wait for this call to set what they have to.
    if (response && !response.headersSent) response.writeHead(101);
    return this.#capture?.headers ?? {};
  }

  onAbort(listener: () => void): void {
    if (this.#isAborted) listener();
    else this.#onAbort = listener;
  }

  /** Called by the host when the link closed before there was an answer. */
  abort(): void {
    if (this.#isStreaming) return;
    this.#isAborted = true;
    this.#onAbort?.();
  }

  body(): Promise<Uint8Array> {
    const declared = Number(this.incoming.headers["content-length"] ?? 0);
    if (declared > this.#maxPayload) return Promise.reject(tooLarge(this.#maxPayload));
    return readBody(this.incoming, this.#maxPayload);
  }
}

/** Calls `request.abort()` when a link ends that is about to become a WebSocket. The returned function ends the watch. */
export function watchUpgradeAbort(request: NodeRequest, socket: Duplex): () => void {
  const aborted = (): void => request.abort();
  socket.once("close", aborted);
  return () => socket.off("close", aborted);
}

function readBody(message: IncomingMessage, maxPayload: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // While a middleware thought. Neither "end" nor "close" comes again.
    if (message.destroyed) return reject(leftEarly());
    if (message.readableDidRead || message.readableEnded) {
      return reject(new RealtimeError("transport_failed", "a middleware has read of the body already"));
    }
    let chunks: Buffer[] = [];
    let size = 0;
    message.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxPayload) return chunks.push(chunk);
      // What still comes is dropped as it comes; the host cuts the link soon after the answer.
      chunks = [];
      return reject(tooLarge(maxPayload));
    });
    message.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    // Also comes after "end", when there is nothing left to reject.
    message.on("close", () => reject(leftEarly()));
  });
}

function leftEarly(): RealtimeError {
  return new RealtimeError("transport_failed", "the peer left before its body was here");
}

function tooLarge(maxPayload: number): RealtimeError {
  return new RealtimeError("payload_too_large", `a request body of more than ${maxPayload} bytes`);
}

/** Without a prototype, so that a header named `__proto__` or `constructor` is a header. */
function copyHeaders(source: IncomingMessage["headers"]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}
