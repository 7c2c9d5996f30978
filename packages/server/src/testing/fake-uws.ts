import type {
  UwsApp,
  UwsBehavior,
  UwsBytes,
  UwsRequest,
  UwsResponse,
  UwsUpgradeContext,
} from "../host/uws-api.ts";
import { FakeUwsLink } from "./fake-uws-link.ts";
import { FakeUwsClient } from "./fake-uws-socket.ts";
import { type Lifetimes, lend } from "./lifetimes.ts";

/** What a test asks for. */
export interface FakeUwsRequest {
  readonly method?: string;
  /** Path and query. */
  readonly url: string;
  readonly headers?: ReadonlyArray<readonly [name: string, value: string]>;
  /** Sent with `FakeUwsCall.send`; without it the request has no body. */
  readonly hasBody?: boolean;
}

export interface FakeUwsAnswer {
  readonly status: string;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body: string;
  readonly closesConnection: boolean;
}

type Handler = (response: UwsResponse, request: UwsRequest) => void;
type AnyBehavior = UwsBehavior<object>;

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/**
 * uWebSockets.js without a network, which *enforces lifetimes*: whatever the real one leaves to luck (a request read
 * after its callback, a response used after its end, a buffer that was kept) throws here and is noted in `violations`.
 */
export class FakeUwsApp implements UwsApp {
  readonly violations: string[] = [];
  readonly #routes = new Map<string, Handler>();
  readonly #sockets = new Map<string, AnyBehavior>();
  readonly #calls = new Set<FakeUwsCall>();
  readonly #clients = new Set<FakeUwsClient>();
  isClosed = false;

  any(pattern: string, handler: Handler): this {
    this.#routes.set(pattern, handler);
    return this;
  }

  ws<UserData>(pattern: string, behavior: UwsBehavior<UserData>): this {
    this.#sockets.set(pattern, behavior as AnyBehavior);
    return this;
  }

  close(): this {
    this.isClosed = true;
    for (const call of this.#calls) call.abort();
    for (const client of this.#clients) client.drop();
    return this;
  }

  /** A plain HTTP request. */
  request(wanted: FakeUwsRequest): FakeUwsCall {
    const call = new FakeUwsCall(this.#lifetimes(), wanted);
    this.#calls.add(call);
    const handler = this.#routes.get(pathOf(wanted.url));
    if (handler) call.run(handler);
    else call.answerNow("404 File Not Found");
    return call;
  }

  /** A WebSocket; `client` is there at once, or later, or never if it is refused. */
  connect(wanted: FakeUwsRequest): FakeUwsCall {
    const behavior = this.#sockets.get(pathOf(wanted.url));
    const headers = [...(wanted.headers ?? []), ["sec-websocket-key", KEY] as const];
    const call = new FakeUwsCall(this.#lifetimes(), { ...wanted, headers }, (userData) => {
      if (!behavior) throw new Error("no such route");
      const client = new FakeUwsClient(this.#lifetimes(), behavior, userData);
      this.#clients.add(client);
      client.open();
      return client;
    });
    this.#calls.add(call);
    call.run((response, request) => behavior?.upgrade?.(response, request, call.context));
    return call;
  }

  #lifetimes(): Lifetimes {
    return { violations: this.violations };
  }
}

/** One HTTP request, seen from the client. */
export class FakeUwsCall implements UwsResponse {
  readonly context: UwsUpgradeContext = {};
  /** Settles with what was answered; rejects when the peer was cut off or left. */
  readonly answer: Promise<FakeUwsAnswer>;
  client: FakeUwsClient | undefined;
  /** What came of an answer that goes on. */
  readonly link: FakeUwsLink = new FakeUwsLink();
  readonly #lifetimes: Lifetimes;
  readonly #wanted: FakeUwsRequest;
  readonly #connect: ((userData: object) => FakeUwsClient) | undefined;
  #state: "in handler" | "later" | "over" = "in handler";
  #isCorked = true;
  #status = "200 OK";
  #headers: (readonly [string, string])[] = [];
  #onAborted: (() => void) | undefined;
  #onWritable: ((offset: number) => boolean) | undefined;
  #onData: ((chunk: ArrayBuffer, isLast: boolean) => void) | undefined;
  #settle: { resolve(answer: FakeUwsAnswer): void; reject(error: Error): void } | undefined;

  constructor(lifetimes: Lifetimes, wanted: FakeUwsRequest, connect?: (userData: object) => FakeUwsClient) {
    this.#lifetimes = lifetimes;
    this.#wanted = wanted;
    this.#connect = connect;
    this.answer = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.answer.catch(() => {});
  }

  run(handler: Handler): void {
    const request = new FakeRequest(this.#lifetimes, this.#wanted);
    this.#guarded(() => handler(this, request));
    request.expire();
    this.#isCorked = false;
    if (this.#state === "in handler") this.#state = "later";
    if (this.#state === "later" && !this.#onAborted)
      this.#violate("returned without an answer and without onAborted");
  }

  answerNow(status: string): void {
    this.#status = status;
    this.#end("", false);
  }

  // ---- the client's side

  /** A piece of the body; its memory is taken back when the callback returns. */
  send(chunk: string | Uint8Array, isLast: boolean): void {
    if (this.#state === "over") return;
    lend(Buffer.from(chunk), (memory) => this.#guarded(() => this.#onData?.(memory, isLast)));
  }

  /** The peer leaves. */
  abort(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#settle?.reject(new Error("aborted"));
    this.#guarded(() => this.#onAborted?.());
  }

  /** Whether the answer is still going on. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  get status(): string {
    return this.#status;
  }

  get headers(): FakeUwsAnswer["headers"] {
    return this.#headers;
  }

  /** The kernel takes so much from now on; uWS hears of it if it could not pass on something. */
  makeRoom(bytes: number = Infinity): void {
    this.link.room = bytes;
    if (this.link.keptBytes === 0) return;
    // While somebody is told, uWS leaves it to them to write.
    if (this.#state === "over" || !this.#onWritable) this.link.write(Buffer.alloc(0));
    else this.#guarded(() => this.#onWritable?.(0));
  }

  // ---- UwsResponse

  writeStatus(status: string): this {
    this.#assertWritable("writeStatus");
    this.#status = status;
    return this;
  }

  writeHeader(name: string, value: string): this {
    this.#assertWritable("writeHeader");
    this.#headers.push([name, value]);
    return this;
  }

  end(body: UwsBytes = "", closeConnection = false): this {
    this.#assertWritable("end");
    this.#end(toText(body), closeConnection);
    return this;
  }

  write(chunk: UwsBytes): boolean {
    this.#assertWritable("write");
    return this.link.write(Buffer.from(chunk as Uint8Array));
  }

  onWritable(writable: (offset: number) => boolean): this {
    this.#assertAlive("onWritable");
    this.#onWritable = writable;
    return this;
  }

  /** Calls `onAborted` before it returns, as the real one. */
  close(): this {
    this.#assertAlive("close");
    this.abort();
    return this;
  }

  endWithoutBody(_length?: number, closeConnection = false): this {
    this.#assertWritable("endWithoutBody");
    this.#end("", closeConnection);
    return this;
  }

  cork(write: () => void): this {
    this.#assertAlive("cork");
    this.#isCorked = true;
    this.link.cork();
    write();
    this.link.uncork();
    this.#isCorked = false;
    return this;
  }

  onAborted(aborted: () => void): this {
    this.#assertAlive("onAborted");
    this.#onAborted = aborted;
    return this;
  }

  onData(arrived: (chunk: ArrayBuffer, isLast: boolean) => void): this {
    this.#assertAlive("onData");
    if (this.#state !== "in handler") this.#violate("onData after the handler returned: the body is lost");
    this.#onData = arrived;
    return this;
  }

  getRemoteAddress(): ArrayBuffer {
    this.#assertAlive("getRemoteAddress");
    return new Uint8Array([127, 0, 0, 1]).buffer;
  }

  upgrade<UserData>(userData: UserData): void {
    this.#assertWritable("upgrade");
    this.#state = "over";
    // As the real one: the members are copied, the object and its class are lost.
    this.client = this.#connect?.({ ...(userData as object) });
  }

  #end(body: string, closesConnection: boolean): void {
    this.#state = "over";
    this.#settle?.resolve({ status: this.#status, headers: this.#headers, body, closesConnection });
  }

  #assertAlive(method: string): void {
    if (this.#state === "over") this.#violate(`response.${method} after its end or abort`);
  }

  #assertWritable(method: string): void {
    this.#assertAlive(method);
    if (!this.#isCorked) this.#violate(`response.${method} outside of a cork`);
  }

  #violate(what: string): never {
    this.#lifetimes.violations.push(what);
    throw new Error(what);
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#lifetimes.violations.push(`thrown through a native callback: ${String(error)}`);
    }
  }
}

class FakeRequest implements UwsRequest {
  readonly #lifetimes: Lifetimes;
  readonly #wanted: FakeUwsRequest;
  #isExpired = false;

  constructor(lifetimes: Lifetimes, wanted: FakeUwsRequest) {
    this.#lifetimes = lifetimes;
    this.#wanted = wanted;
  }

  expire(): void {
    this.#isExpired = true;
  }

  getHeader(lowerCaseName: string): string {
    this.#assertAlive("getHeader");
    return this.#headers().find(([name]) => name === lowerCaseName)?.[1] ?? "";
  }

  getMethod(): string {
    this.#assertAlive("getMethod");
    return (this.#wanted.method ?? "GET").toLowerCase();
  }

  getUrl(): string {
    this.#assertAlive("getUrl");
    return pathOf(this.#wanted.url);
  }

  getQuery(): string {
    this.#assertAlive("getQuery");
    return this.#wanted.url.split("?", 2)[1] ?? "";
  }

  forEach(each: (name: string, value: string) => void): void {
    this.#assertAlive("forEach");
    for (const [name, value] of this.#headers()) each(name, value);
  }

  #headers(): ReadonlyArray<readonly [string, string]> {
    const body = this.#wanted.hasBody ? [["transfer-encoding", "chunked"] as const] : [];
    return [...(this.#wanted.headers ?? []), ...body];
  }

  #assertAlive(method: string): void {
    if (!this.#isExpired) return;
    this.#lifetimes.violations.push(`request.${method} after its callback`);
    throw new Error(`request.${method} after its callback`);
  }
}

function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? url;
}

function toText(bytes: UwsBytes): string {
  if (typeof bytes === "string") return bytes;
  return Buffer.from(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes).toString("utf8");
}
