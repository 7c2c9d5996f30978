import { RealtimeError } from "@bowline/protocol";
import {
  assertHeaders,
  beginThrough,
  captureRequest,
  ResponseCapture,
  respondThrough,
  statusLine,
} from "./captured-response.ts";
import { compressed } from "./compress.ts";
import { copyHeaders, formatAddress } from "./host-uws-headers.ts";
import { UwsStream, type UwsStreamContext } from "./host-uws-stream.ts";
import type { HostHeaders, HostRequest, HostResponse, IncomingMessage, ServerResponse } from "./host.ts";
import { settle } from "./settle.ts";
import type { UwsRequest, UwsResponse, UwsUpgradeContext } from "./uws-api.ts";

/** What uWS wants back to make a WebSocket of a request. */
interface UpgradeKeys {
  readonly key: string;
  readonly protocol: string;
  readonly extensions: string;
}

interface PendingBody {
  resolve(body: Uint8Array): void;
  reject(error: Error): void;
}

/** uWS writes the length itself, and the connection is the affair of the host. */
const NOT_WRITTEN: ReadonlySet<string> = new Set(["connection", "content-length", "transfer-encoding"]);

/**
 * One HTTP request of uWS and its answer. Everything is copied in the constructor, which runs inside the callback: the
 * request is gone after it, and the response at the abort or the end (LIFETIMES.md).
 */
export class UwsExchange implements HostRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  readonly secure: boolean;
  /** To be refused: see `CopiedHeaders`. */
  readonly isAmbiguous: boolean;
  readonly #settings: ExchangeSettings;
  readonly #upgradeKeys: UpgradeKeys;
  /** `undefined` once answered, upgraded or aborted: then it must not be touched. */
  #response: UwsResponse | undefined;
  #isAborted = false;
  #onAbort: (() => void) | undefined;
  readonly #body: BodyBuffer;
  #incoming: IncomingMessage | undefined;
  #capture: ResponseCapture | undefined;
  #stream: UwsStream | undefined;

  constructor(response: UwsResponse, request: UwsRequest, settings: ExchangeSettings) {
    this.#response = response;
    response.onAborted(() => this.#abort());
    this.method = request.getMethod().toUpperCase();
    this.path = request.getUrl();
    this.query = request.getQuery() ?? ""; // undefined without a "?"
    const { headers, isAmbiguous } = copyHeaders(request);
    this.headers = headers;
    this.isAmbiguous = isAmbiguous;
    this.remoteAddress = formatAddress(response.getRemoteAddress());
    this.secure = settings.secure;
    this.#settings = settings;
    this.#upgradeKeys = {
      key: request.getHeader("sec-websocket-key"),
      // Of several the first, as ws does.
      protocol: request.getHeader("sec-websocket-protocol").split(",", 1)[0]?.trim() ?? "",
      extensions: request.getHeader("sec-websocket-extensions"),
    };
    this.#body = new BodyBuffer(settings.maxPayload);
    if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) {
      // Now or never: what arrives while nobody listens is lost.
      response.onData((chunk, isLast) => this.#body.add(chunk, isLast));
    } else {
      this.#body.add(new ArrayBuffer(0), true);
    }
  }

  onAbort(listener: () => void): void {
    if (this.#isAborted) listener();
    else this.#onAbort = listener;
  }

  body(): Promise<Uint8Array> {
    const declared = Number(this.headers["content-length"] ?? 0);
    const { maxPayload } = this.#settings;
    if (declared > maxPayload) return Promise.reject(tooLarge(maxPayload));
    return this.#body.whole();
  }

  get native(): IncomingMessage | undefined {
    return this.#incoming;
  }

  get incoming(): IncomingMessage {
    this.#incoming ??= captureRequest({
      method: this.method,
      url: this.query === "" ? this.path : `${this.path}?${this.query}`,
      headers: this.headers,
      remoteAddress: this.remoteAddress,
      secure: this.secure,
    });
    return this.#incoming;
  }

  /** Whether somebody looked at the response. */
  get hasOutgoing(): boolean {
    return this.#capture !== undefined;
  }

  get outgoing(): ServerResponse {
    if (!this.#capture) {
      this.#capture = new ResponseCapture(this.incoming, (answer) => this.#write(answer));
      if (this.#isAborted) this.#capture.linkClosed();
    }
    return this.#capture.response;
  }

  /** Does nothing when the peer has left, or a middleware has answered. */
  respond(answer: HostResponse): void {
    if (answer.open && this.method !== "HEAD") return this.#openStream(answer, answer.open);
    settle(
      () => (answer.encoding ? compressed(answer) : answer),
      (ready) => (this.#capture ? respondThrough(this.#capture.response, ready) : this.#write(ready)),
      (error) => {
        this.#settings.onError(error);
        this.#write({ status: 500 });
      },
    );
  }

  /** For an upgrade: without what middleware set, as on node:http. */
  refuse(answer: HostResponse): void {
    this.#write(answer);
  }

  #write({ status, headers, body = "" }: HostResponse): void {
    assertHeaders(headers); // before it is taken, so that there is somebody to tell
    const response = this.#take();
    if (!response) return;
    // Corked, because it may run after an await, where uWS would make a write of every header.
    response.cork(() => {
      response.writeStatus(statusLine(status));
      writeHeaders(response, headers);
      const closes = headers?.["Connection"] === "close";
      if (this.method !== "HEAD") return void response.end(body, closes);
      // The length of the body and not the body. Told the length by `endWithoutBody` itself, uWS waits for the body.
      response.writeHeader("Content-Length", String(Buffer.byteLength(body)));
      response.endWithoutBody();
    });
  }

  #openStream(answer: HostResponse, open: NonNullable<HostResponse["open"]>): void {
    const outgoing = this.#capture?.response;
    if (outgoing && !beginThrough(outgoing, answer)) return;
    const headers = this.#capture?.headers ?? answer.headers;
    assertHeaders(headers);
    const response = this.#take();
    if (!response) return;
    this.#stream = new UwsStream({
      response,
      context: this.#settings.streams,
      writeHead: () => {
        response.writeStatus(statusLine(answer.status));
        writeHeaders(response, headers);
      },
      // Some wait for this call to save what they have to.
      ended: () => void outgoing?.end(),
    });
    this.#stream.open(open);
  }

  /** Makes it a WebSocket; `open` of the route is called before this returns. */
  upgrade(userData: object, headers: HostHeaders | undefined, context: UwsUpgradeContext): void {
    assertHeaders(headers);
    const outgoing = this.#capture?.response;
    // Some wait for this call to set what they have to.
    if (outgoing && !outgoing.headersSent) outgoing.writeHead(101);
    const response = this.#take();
    if (!response) return;
    const { key, protocol, extensions } = this.#upgradeKeys;
    response.cork(() => {
      response.writeStatus(statusLine(101));
      writeHeaders(response, { ...this.#capture?.headers, ...headers });
      response.upgrade(userData, key, protocol, extensions, context);
    });
  }

  /** Called when the link is over, whatever it became: who waits for the end of the response hears of it. */
  closed(): void {
    this.#capture?.linkClosed();
  }

  #take(): UwsResponse | undefined {
    const response = this.#response;
    this.#response = undefined;
    return response;
  }

  #abort(): void {
    this.#response = undefined;
    if (this.#stream) {
      this.#stream.aborted();
      return this.#capture?.linkClosed();
    }
    this.#isAborted = true;
    this.#body.fail(new RealtimeError("transport_failed", "the peer left before its body was here"));
    this.#onAbort?.();
    this.#capture?.linkClosed();
  }
}

export interface ExchangeSettings {
  readonly maxPayload: number;
  readonly secure: boolean;
  readonly streams: UwsStreamContext;
  onError(error: unknown): void;
}

function writeHeaders(response: UwsResponse, headers: HostHeaders = {}): void {
  for (const [name, value] of Object.entries(headers)) {
    if (NOT_WRITTEN.has(name.toLowerCase())) continue;
    if (typeof value === "string") response.writeHeader(name, value);
    else for (const one of value) response.writeHeader(name, one);
  }
}

/** Collects from the first moment, because the body is asked for later, and never more than the limit. */
class BodyBuffer {
  readonly #maxPayload: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #state: "collecting" | "whole" | "failed" = "collecting";
  #error: Error | undefined;
  #pending: PendingBody | undefined;

  constructor(maxPayload: number) {
    this.#maxPayload = maxPayload;
  }

  add(chunk: ArrayBuffer, isLast: boolean): void {
    if (this.#state !== "collecting") return;
    this.#size += chunk.byteLength;
    if (this.#size > this.#maxPayload) return this.fail(tooLarge(this.#maxPayload));
    // The chunk is the parser's memory: it is copied here or it is lost.
    if (chunk.byteLength > 0) this.#chunks.push(new Uint8Array(chunk.slice(0)));
    if (!isLast) return;
    this.#state = "whole";
    this.#settle();
  }

  fail(error: Error): void {
    if (this.#state !== "collecting") return;
    this.#state = "failed";
    this.#error = error;
    this.#chunks = [];
    this.#settle();
  }

  whole(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#settle();
    });
  }

  #settle(): void {
    if (!this.#pending || this.#state === "collecting") return;
    if (this.#error) return this.#pending.reject(this.#error);
    const [first] = this.#chunks;
    this.#pending.resolve(first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks));
    this.#chunks = [];
  }
}

function tooLarge(maxPayload: number): RealtimeError {
  return new RealtimeError("payload_too_large", `a request body of more than ${maxPayload} bytes`);
}
