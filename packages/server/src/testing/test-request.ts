import { RealtimeError } from "@bowline/protocol";
import { captureRequest, ResponseCapture } from "../host/captured-response.ts";
import type { HostRequest, HostResponse, IncomingMessage, ServerResponse } from "../host/host.ts";

export interface TestRequestParts {
  readonly method?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Text is a whole body; `undefined` never arrives until `finish` or `abort`. */
  readonly body?: string;
}

/** A request without a network. */
export class TestRequest implements HostRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress = "192.0.2.1";
  readonly secure = false;
  readonly #body: Promise<Uint8Array>;
  /** What a middleware answered by itself. */
  answered: HostResponse | undefined;
  #incoming: IncomingMessage | undefined;
  #capture: ResponseCapture | undefined;
  #settleBody: { resolve(body: Uint8Array): void; reject(error: Error): void } | undefined;
  #onAbort: (() => void) | undefined;
  #isAborted = false;

  constructor({
    method = "GET",
    path = "/engine.io/",
    query = "",
    headers = {},
    body,
  }: TestRequestParts = {}) {
    this.method = method;
    this.path = path;
    this.query = query;
    this.headers = Object.assign(Object.create(null), headers) as Record<string, string>;
    this.#body = new Promise((resolve, reject) => (this.#settleBody = { resolve, reject }));
    this.#body.catch(() => {});
    if (body !== undefined) this.finish(body);
  }

  get native(): IncomingMessage | undefined {
    return this.#incoming;
  }

  get incoming(): IncomingMessage {
    const url = this.query === "" ? this.path : `${this.path}?${this.query}`;
    const { method, headers, remoteAddress, secure } = this;
    this.#incoming ??= captureRequest({ method, url, headers, remoteAddress, secure });
    return this.#incoming;
  }

  get outgoing(): ServerResponse {
    this.#capture ??= new ResponseCapture(this.incoming, (answer) => (this.answered = answer));
    return this.#capture.response;
  }

  onAbort(listener: () => void): void {
    if (this.#isAborted) listener();
    else this.#onAbort = listener;
  }

  body(): Promise<Uint8Array> {
    return this.#body;
  }

  /** The rest of the body arrives. */
  finish(body: string): void {
    this.#settleBody?.resolve(Buffer.from(body));
  }

  exceed(): void {
    this.#settleBody?.reject(new RealtimeError("payload_too_large", "too large"));
  }

  /** The peer leaves. */
  abort(): void {
    this.#isAborted = true;
    this.#settleBody?.reject(new RealtimeError("transport_failed", "gone"));
    this.#onAbort?.();
  }
}
