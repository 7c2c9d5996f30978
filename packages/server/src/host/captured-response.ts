import {
  IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} from "node:http";
import { Socket } from "node:net";
import type { HostHeaders, HostResponse } from "./host.ts";

type GivenHeaders = OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined;

/**
 * A response that writes to nobody: what middleware does to it is collected, and handed over when it is ended. It is a
 * real ServerResponse with methods of its own, because middleware patches, wraps and re-prototypes those (Express does):
 * neither a look-alike nor a class of ours survives that.
 */
export class ResponseCapture {
  readonly response: ServerResponse;
  readonly #ended: (answer: HostResponse) => void;
  readonly #chunks: Uint8Array[] = [];
  #isClosed = false;

  /** `ended` is called at most once. */
  constructor(request: IncomingMessage, ended: (answer: HostResponse) => void) {
    this.#ended = ended;
    const response = new ServerResponse(request);
    response.writeHead = (...args: unknown[]) => this.#writeHead(args);
    response.write = (...args: unknown[]) => this.#write(args);
    response.end = (...args: unknown[]) => this.#end(args);
    this.response = response;
  }

  /** What was set so far, as a record for an answer. */
  get headers(): HostHeaders {
    const headers: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries(this.response.getHeaders())) {
      if (value !== undefined) headers[name] = Array.isArray(value) ? value : String(value);
    }
    return headers;
  }

  /** The link is over: those who wait for the end of the exchange hear of it. */
  linkClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.response.emit("close");
  }

  #writeHead([status, ...args]: readonly unknown[]): ServerResponse {
    const { response } = this;
    const given = (typeof args[0] === "string" ? args[1] : args[0]) as GivenHeaders;
    // Set one by one, or Node would keep them out of sight.
    for (const [name, value] of pairsOf(given)) response.setHeader(name, value);
    ServerResponse.prototype.writeHead.call(response, status as number);
    return response;
  }

  #write(args: readonly unknown[]): boolean {
    const { response } = this;
    if (response.writableEnded) return false;
    // Through the response, where somebody may wait for the call.
    if (!response.headersSent) response.writeHead(response.statusCode);
    this.#take(args);
    callBack(args);
    return true;
  }

  #end(args: readonly unknown[]): ServerResponse {
    const { response } = this;
    if (response.writableEnded) return response;
    if (!response.headersSent) response.writeHead(response.statusCode);
    this.#take(args);
    // Node's own flag; its `end` would wait for a socket that never comes.
    response.finished = true;
    this.#ended({ status: response.statusCode, headers: this.headers, body: Buffer.concat(this.#chunks) });
    response.emit("prefinish");
    response.emit("finish");
    callBack(args);
    process.nextTick(() => this.linkClosed());
    return response;
  }

  #take([chunk, encoding]: readonly unknown[]): void {
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
  if (isBegun(response)) return;
  response.writeHead(status, {
    ...headers,
    "Content-Length": Buffer.byteLength(body),
  } as OutgoingHttpHeaders);
  response.end(body);
}

/**
 * Where node's own response does not look at them: a line break, put together from what a peer sent, would begin a header
 * of the peer's choice.
 */
export function assertHeaders(headers: HostHeaders = {}): void {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    if (typeof value === "string") validateHeaderValue(name, value);
    else for (const one of value) validateHeaderValue(name, one);
  }
}

/** The head of an answer that goes on; false if there is an answer already. */
export function beginThrough(response: ServerResponse, { status, headers }: HostResponse): boolean {
  if (isBegun(response)) return false;
  response.writeHead(status, { ...headers } as OutgoingHttpHeaders);
  return true;
}

function isBegun(response: ServerResponse): boolean {
  if (!response.headersSent && !response.destroyed) return false;
  // A middleware failed after it had begun to answer.
  if (!response.writableEnded) response.end();
  return true;
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

/** Node lets the callback stand in any place. */
function callBack(args: readonly unknown[]): void {
  const done = args.find((place) => typeof place === "function") as (() => void) | undefined;
  if (done) process.nextTick(done);
}
