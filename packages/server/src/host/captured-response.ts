import {
  IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
  STATUS_CODES,
} from "node:http";
import { Socket } from "node:net";
import type { HostHeaders, HostResponse } from "./host.ts";

type Done = () => void;
type GivenHeaders = OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined;

/**
 * A response that writes to nobody: what middleware does to it is collected and handed over when it is ended. A real
 * ServerResponse, because middleware patches, wraps and re-prototypes those, and no look-alike survives it all.
 */
export class CapturedResponse extends ServerResponse {
  readonly #ended: (answer: HostResponse) => void;
  readonly #chunks: Uint8Array[] = [];

  /** `ended` is called once. */
  constructor(request: IncomingMessage, ended: (answer: HostResponse) => void) {
    super(request);
    this.#ended = ended;
  }

  /** What was set so far, as a record for an answer. */
  get captured(): HostHeaders {
    const headers: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries(this.getHeaders())) {
      if (value !== undefined) headers[name] = Array.isArray(value) ? value : String(value);
    }
    return headers;
  }

  override writeHead(status: number, reason?: string | GivenHeaders, headers?: GivenHeaders): this {
    const given = typeof reason === "string" ? headers : reason;
    // Set one by one, or Node would keep them out of sight.
    for (const [name, value] of pairsOf(given)) this.setHeader(name, value);
    super.writeHead(status);
    return this;
  }

  override write(chunk: unknown, encoding?: unknown, done?: unknown): boolean {
    if (this.writableEnded) return false;
    if (!this.headersSent) this.writeHead(this.statusCode);
    this.#take(chunk, encoding);
    callBack(encoding, done);
    return true;
  }

  override end(chunk?: unknown, encoding?: unknown, done?: unknown): this {
    if (this.writableEnded) return this;
    if (!this.headersSent) this.writeHead(this.statusCode);
    this.#take(chunk, encoding);
    // Node's own flag; `end` of the base class would wait for a socket that never comes.
    this.finished = true;
    this.#ended({ status: this.statusCode, headers: this.captured, body: Buffer.concat(this.#chunks) });
    this.emit("prefinish");
    this.emit("finish");
    callBack(chunk, encoding, done);
    return this;
  }

  /** The link is over: those who wait for the end of the exchange hear of it. */
  linkClosed(): void {
    this.emit("close");
  }

  #take(chunk: unknown, encoding: unknown): void {
    if (typeof chunk === "string") {
      this.#chunks.push(
        Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8"),
      );
    } else if (chunk instanceof Uint8Array) this.#chunks.push(chunk);
  }
}

export interface CapturedRequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  readonly secure: boolean;
}

/** A request in the shape of node:http, without a body. */
export function captureRequest({ method, url, headers, ...link }: CapturedRequestParts): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: link.remoteAddress });
  Object.defineProperty(socket, "encrypted", { value: link.secure });
  const message = new IncomingMessage(socket);
  message.method = method;
  message.url = url;
  message.httpVersion = "1.1";
  message.httpVersionMajor = 1;
  message.httpVersionMinor = 1;
  message.headers = { ...headers };
  message.rawHeaders = Object.entries(headers).flat();
  message.complete = true;
  message.push(null);
  return message;
}

/** Answers through a response that somebody may have patched; what they answered themselves stands. */
export function respondThrough(response: ServerResponse, { status, headers, body = "" }: HostResponse): void {
  if (response.headersSent || response.destroyed) {
    // A middleware failed after it had begun to answer.
    if (!response.writableEnded) response.end();
    return;
  }
  response.writeHead(status, {
    ...headers,
    "Content-Length": Buffer.byteLength(body),
  } as OutgoingHttpHeaders);
  response.end(body);
}

/** `404 Not Found` */
export function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? "Unknown"}`;
}

function* pairsOf(given: GivenHeaders): Generator<[string, number | string | readonly string[]]> {
  if (!given) return;
  if (!Array.isArray(given)) {
    for (const [name, value] of Object.entries(given)) if (value !== undefined) yield [name, value];
    return;
  }
  const flat = given.flat() as string[];
  for (let at = 0; at + 1 < flat.length; at += 2) yield [flat[at] ?? "", flat[at + 1] ?? ""];
}

/** Node lets the callback stand in any place behind the chunk. */
function callBack(...places: readonly unknown[]): void {
  const done = places.find((place) => typeof place === "function") as Done | undefined;
  if (done) process.nextTick(done);
}
