import type { Frame, Handshake } from "@bowline/protocol";
import type { Clock } from "@bowline/protocol/internal";
import type { Env, FetchAnswer, FetchInit, LinkOptions, PageEvent, WebSocketListener } from "../env.ts";

/** A WebSocket that the client opened; the test is the server. */
export interface FakeSocket {
  readonly url: URL;
  readonly options: LinkOptions;
  readonly listener: WebSocketListener;
  readonly sent: Frame[];
  isClosed: boolean;
  bufferedAmount: number;
}

/** A request that the client made and that waits for the test to answer. */
export interface FakeRequest {
  readonly url: URL;
  readonly init: FetchInit;
  readonly options: LinkOptions;
  isOver: boolean;
  /** A part of a stream; `answer("")` is its end. */
  stream(text: string): void;
  answer(text: string, status?: number): void;
  fail(error: Error): void;
}

export interface FakeEnv extends Env {
  readonly sockets: FakeSocket[];
  readonly requests: FakeRequest[];
  readonly errors: unknown[];
  /** How many listen to the network. */
  readonly networkListeners: number;
  /** The last socket; throws when there is none. */
  socket(): FakeSocket;
  /** The oldest request of the method that waits; throws when there is none. */
  request(method: "GET" | "POST"): FakeRequest;
  network(online: boolean): void;
  page(event: PageEvent): void;
  /** Moves only the time of day, as sleep does on many machines. */
  sleep(ms: number): void;
}

const BASE64: Env["base64"] = {
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
  decode: (text) => new Uint8Array(Buffer.from(text, "base64")),
};

/** A place without a network. `random` is 0.5 unless given. */
export function fakeEnv(clock: Clock, settings: { random?: () => number; pageUrl?: string } = {}): FakeEnv {
  const sockets: FakeSocket[] = [];
  const requests: FakeRequest[] = [];
  const errors: unknown[] = [];
  const listeners = new Map<(event: PageEvent) => void, readonly PageEvent[]>();
  let slept = 0;
  let secrets = 0;
  const env: FakeEnv = {
    setTimer: (run, delayMs) => clock.setTimer(run, delayMs),
    clearTimer: (timer) => clock.clearTimer(timer),
    random: settings.random ?? ((): number => 0.5),
    secret: () => `secret-of-128-bits-no-${++secrets}`,
    wallClock: () => 1_000_000 + clock.now() + slept,
    pageUrl: settings.pageUrl,
    base64: BASE64,
    memory: {},
    reportError: (error) => void errors.push(error),
    sockets,
    requests,
    errors,
    get networkListeners() {
      return listeners.size;
    },
    openWebSocket(url, options, listener) {
      const socket: FakeSocket = {
        url: new URL(url),
        options,
        listener,
        sent: [],
        isClosed: false,
        bufferedAmount: 0,
      };
      sockets.push(socket);
      return {
        send: (frame) => void socket.sent.push(frame),
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
        close: () => void (socket.isClosed = true),
      };
    },
    fetch: (url, init, options) => {
      const { request, promise } = fakeRequest(url, init, options);
      requests.push(request);
      return promise;
    },
    onPage(events, listener) {
      listeners.set(listener, events);
      return () => void listeners.delete(listener);
    },
    socket: () => last(sockets),
    request: (method) =>
      last(requests.filter((request) => request.init.method === method && !request.isOver)),
    network: (online) => env.page(online ? "online" : "offline"),
    page: (event) => listeners.forEach((events, listener) => events.includes(event) && listener(event)),
    sleep: (ms) => void (slept += ms),
  };
  return env;
}

function fakeRequest(
  url: string,
  init: FetchInit,
  options: LinkOptions,
): { request: FakeRequest; promise: Promise<FetchAnswer> } {
  const { promise, resolve, reject } = withResolvers<FetchAnswer>();
  const request: FakeRequest = {
    url: new URL(url),
    init,
    options,
    isOver: false,
    stream(text) {
      if (!request.isOver) init.onText?.(text);
    },
    answer(text, status = 200) {
      request.isOver = true;
      resolve({ status, text });
    },
    fail(error) {
      request.isOver = true;
      reject(error);
    },
  };
  const abort = (): void => request.fail(new Error("aborted"));
  init.signal.addEventListener("abort", abort);
  if (init.signal.aborted) abort();
  return { request, promise };
}

function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function last<T>(items: readonly T[]): T {
  const item = items.at(-1);
  if (item === undefined) throw new Error("the client did not ask for one");
  return item;
}

export const HANDSHAKE = {
  sid: "engine-sid",
  upgrades: [] as string[],
  pingInterval: 25_000,
  pingTimeout: 20_000,
  maxPayload: 1_000_000,
  ext: undefined as Handshake["ext"],
};

export function openPacket(changes: Partial<typeof HANDSHAKE> = {}): string {
  return `0${JSON.stringify({ ...HANDSHAKE, ...changes })}`;
}

/** Lets the last WebSocket open and shake hands. */
export function acceptSocket(env: FakeEnv, changes: Partial<typeof HANDSHAKE> = {}): FakeSocket {
  const socket = env.socket();
  socket.listener.open();
  socket.listener.message(openPacket(changes));
  return socket;
}

/** Lets the last GET be a stream and shakes hands on it; what the server sends next shows that nothing holds it back. */
export function acceptStream(env: FakeEnv, changes: Partial<typeof HANDSHAKE> = {}): FakeRequest {
  const stream = env.request("GET");
  stream.stream(`data:${openPacket(changes)}\n\ndata:6\n\n`);
  return stream;
}
