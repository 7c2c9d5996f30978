import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { assertHeaders, beginThrough, respondThrough, statusLine } from "./captured-response.ts";
import { compressed } from "./compress.ts";
import { endOnce } from "./host-node-end.ts";
import { encodeFrame } from "./host-node-frames.ts";
import { NodePeer, type NodePeerContext } from "./host-node-peer.ts";
import { NodeRequest, watchUpgradeAbort } from "./host-node-request.ts";
import { NodeStream } from "./host-node-stream.ts";
import type { HostHandler, HostHeaders, HostOptions, HostResponse, HttpDoor, Upgrade } from "./host.ts";
import { settle } from "./settle.ts";
import { TurnFrames, TurnQueue } from "./turn-queue.ts";

/** How long a peer may go on with a body that was answered without being read, before the link is cut. */
const LINGER_MS = 2000;
const MAX_FRAGMENTS = 1024;
const MAX_PENDING_PONGS = 16;
const FAILED: HostResponse = { status: 500 };

/** What there is of `WebSocketServer` that we use; `wsEngine` may be another one with as much. */
export interface WebSocketEngine {
  handleUpgrade(
    message: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    opened: (ws: WebSocket, message: IncomingMessage) => void,
  ): void;
  once(event: "headers", listener: (lines: string[], message: IncomingMessage) => void): unknown;
  off(event: "headers", listener: (lines: string[], message: IncomingMessage) => void): unknown;
  close(): void;
}

export type WebSocketEngineClass = new (options: ServerOptions) => WebSocketEngine;

export type DoorOptions = Pick<HostOptions, "maxPayload" | "compression" | "onError"> & {
  readonly wsEngine?: WebSocketEngineClass | undefined;
};

/** Takes requests of node:http to the handler, whoever routed them here, and keeps the WebSockets that come of it. */
export class NodeDoor implements HttpDoor {
  readonly #handler: HostHandler;
  readonly #options: DoorOptions;
  readonly #ws: WebSocketEngine;
  readonly #context: NodePeerContext;
  readonly #peers = new Set<NodePeer>();
  readonly #streams = new Set<NodeStream>();

  constructor(handler: HostHandler, options: DoorOptions) {
    this.#handler = handler;
    this.#options = options;
    const turns = new TurnQueue();
    this.#context = {
      turns,
      frames: new TurnFrames(turns, encodeFrame),
      compressFrom: options.compression?.threshold ?? Infinity,
      failed: (error) => options.onError(error),
      over: (peer) => void this.#peers.delete(peer),
    };
    const Engine: WebSocketEngineClass = options.wsEngine ?? WebSocketServer;
    this.#ws = new Engine(webSocketOptions(options));
  }

  get peers(): ReadonlySet<NodePeer> {
    return this.#peers;
  }

  read(message: IncomingMessage): NodeRequest {
    return new NodeRequest(message, this.#options.maxPayload);
  }

  handleRequest(message: IncomingMessage, response: ServerResponse): void {
    this.request(this.read(message), response);
  }

  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    this.upgrade(this.read(message), socket, head);
  }

  request(request: NodeRequest, response: ServerResponse): void {
    request.answeredBy(response);
    const message = request.incoming;
    const failed = (error: unknown): void => {
      this.#options.onError(error);
      this.#answerFailed(message, response);
    };
    settle(
      () => this.#handler.request(request),
      (answer) => {
        if (answer.open && request.method !== "HEAD") return this.#stream(request, response, answer);
        if (!answer.encoding) return answerNow(message, response, answer);
        compressed(answer)
          .then((smaller) => answerNow(message, response, smaller))
          .catch(failed);
      },
      failed,
    );
  }

  /** What a middleware wrapped around the response may fail again, and whoever waits must not wait for ever. */
  #answerFailed(message: IncomingMessage, response: ServerResponse): void {
    try {
      answerNow(message, response, FAILED);
    } catch (error) {
      this.#options.onError(error);
      message.socket.destroy();
    }
  }

  upgrade(request: NodeRequest, socket: Duplex, head: Uint8Array): void {
    // Before anything else: a reset of a socket without this listener ends the process (CVE-2022-41940).
    socket.on("error", ignore);
    let unwatch = ignore;
    request.refusedBy((answer) => {
      unwatch();
      refuse(socket, answer);
    });
    settle(
      () => {
        const upgrade = this.#handler.upgrade(request);
        if (upgrade instanceof Promise) unwatch = watchUpgradeAbort(request, socket);
        return upgrade;
      },
      (upgrade) => {
        unwatch();
        const headers = request.upgradeHeaders();
        if (!headers) return;
        if (upgrade.accept) this.#accept(upgrade, { request, socket, head, headers });
        else refuse(socket, upgrade.response);
      },
      (error) => {
        unwatch();
        this.#options.onError(error);
        refuse(socket, FAILED);
      },
    );
  }

  /** No WebSocket comes any more; those that are still opening are cut. */
  stop(): void {
    this.#ws.close();
    for (const peer of this.#peers) if (peer.isOpen) peer.terminate();
  }

  /** And the answers that go on. */
  cutPeers(): void {
    for (const peer of this.#peers) peer.terminate();
    for (const stream of this.#streams) stream.terminate();
  }

  #stream(request: NodeRequest, response: ServerResponse, answer: HostResponse): void {
    const { open } = answer;
    if (!open || !beginThrough(response, answer)) return;
    request.streams();
    const stream = new NodeStream(response, this.#context.turns, (error) => this.#options.onError(error));
    this.#streams.add(stream);
    stream.open(open, () => this.#streams.delete(stream));
  }

  #accept(upgrade: Upgrade & { accept: true }, parts: UpgradeParts): void {
    const { request, socket, head, headers } = parts;
    const more = linesOf({ ...headers, ...upgrade.headers });
    const addHeaders = (lines: string[]): void => void lines.push(...more);
    // ws calls back at once, or refuses at once what is no proper handshake. Most have no headers of their own.
    if (more.length > 0) this.#ws.once("headers", addHeaders);
    // What the engine says at once, its open packet, leaves together with the answer.
    socket.cork();
    try {
      this.#ws.handleUpgrade(request.incoming, socket, toBuffer(head), (ws) =>
        this.#open(upgrade, ws, socket),
      );
    } finally {
      socket.uncork();
    }
    if (more.length > 0) this.#ws.off("headers", addHeaders);
  }

  #open(upgrade: Upgrade & { accept: true }, ws: WebSocket, socket: Duplex): void {
    const writesItself = this.#options.wsEngine === undefined && !ws.extensions;
    const peer = new NodePeer(ws, socket, this.#context, writesItself);
    this.#peers.add(peer);
    endOnce(socket, ws);
    try {
      peer.listen(upgrade.open(peer));
      peer.flush();
    } catch (error) {
      // The answer is on its way already, so it is too late to refuse.
      socket.uncork();
      this.#peers.delete(peer);
      this.#options.onError(error);
      peer.terminate();
    }
  }
}

interface UpgradeParts {
  readonly request: NodeRequest;
  readonly socket: Duplex;
  readonly head: Uint8Array;
  readonly headers: HostHeaders;
}

function webSocketOptions({ maxPayload, compression }: DoorOptions): ServerOptions {
  // The types of ws do not know the last two yet.
  const options: ServerOptions & { maxFragments: number; maxPendingAutoPongs: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: compression ? { ...compression.native, threshold: compression.threshold } : false,
    skipUTF8Validation: false,
    maxPayload,
    maxFragments: MAX_FRAGMENTS,
    maxPendingAutoPongs: MAX_PENDING_PONGS,
  };
  return options;
}

export function answerNow(message: IncomingMessage, response: ServerResponse, answer: HostResponse): void {
  respondThrough(response, answer);
  if (!message.complete && hasBody(message)) cutAfterLinger(message);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/**
 * The rest of a body that nobody wants is read and dropped for a while, because a peer that is cut while it writes
 * does not get to read the answer.
 */
function cutAfterLinger(message: IncomingMessage): void {
  const timer = setTimeout(() => message.socket.destroy(), LINGER_MS);
  timer.unref();
  message.once("close", () => clearTimeout(timer));
}

/** `destroySoon`, not `end`: a peer that does not close its half would hold the socket for ever. */
function refuse(socket: Duplex & { destroySoon?(): void }, answer: HostResponse): void {
  const { status, headers, body = "" } = answer;
  const lines = [`HTTP/1.1 ${statusLine(status)}`];
  lines.push(...linesOf(headers).filter((line) => !/^(connection|content-length):/i.test(line)));
  lines.push("Connection: close", `Content-Length: ${Buffer.byteLength(body)}`);
  if (socket.writable) {
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    socket.write(body);
  }
  if (socket.destroySoon) socket.destroySoon();
  else socket.destroy();
}

function linesOf(headers: HostHeaders = {}): string[] {
  assertHeaders(headers);
  return Object.entries(headers).flatMap(([name, value]) =>
    typeof value === "string" ? `${name}: ${value}` : value.map((one) => `${name}: ${one}`),
  );
}

/** Node hands out Buffers, and routers pass them on. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
}

function ignore(): void {}
