import {
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import { type ServerOptions, WebSocketServer } from "ws";
import { FrameWriter } from "./host-node-frames.ts";
import { NodePeer } from "./host-node-peer.ts";
import { NodeRequest, watchAbort, watchUpgradeAbort } from "./host-node-request.ts";
import type { Host, HostHandler, HostLink, HostOptions, HostResponse, Upgrade } from "./host.ts";
import { settle } from "./settle.ts";
import { releasePath, takePath } from "./take-path.ts";

type NodeServer = HttpServer | HttpsServer;
type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** How long peers may take to answer our close frame when the host stops. */
const GOODBYE_MS = 1000;
/** How long a peer may go on with a body that was answered without being read, before the link is cut. */
const LINGER_MS = 2000;
const IDLE_CHECK_MS = 50;
/** How long to wait for ends that are certain; two turns do. */
const MOST_TURNS = 100;
const MAX_FRAGMENTS = 1024;
const MAX_PENDING_PONGS = 16;
const FAILED: HostResponse = { status: 500 };

/** Bowline on an HTTP server of Node. Its other routes, and other listeners for upgrades, stay as they are. */
export function nodeHost(server: NodeServer): Host {
  return { name: "node:http", start: (handler, options) => new NodeLink(server, handler, options) };
}

class NodeLink implements HostLink {
  readonly #server: NodeServer;
  readonly #handler: HostHandler;
  readonly #options: HostOptions;
  readonly #ws: WebSocketServer;
  readonly #writer = new FrameWriter();
  readonly #peers = new Set<NodePeer>();
  readonly #others: readonly RequestListener[];
  /** Requests on other paths that are not answered yet. */
  #foreign = 0;
  #stopping: Promise<void> | undefined;

  constructor(server: NodeServer, handler: HostHandler, options: HostOptions) {
    takePath(server, options.path);
    this.#server = server;
    this.#handler = handler;
    this.#options = options;
    this.#ws = new WebSocketServer(webSocketOptions(options.maxPayload));
    this.#others = server.listeners("request") as RequestListener[];
    server.removeAllListeners("request");
    server.on("request", this.#onRequest);
    server.on("upgrade", this.#onUpgrade);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#ws.close();
    for (const peer of this.#peers) if (peer.isOpen) peer.terminate();
    const server = this.#server;
    let isLate = false;
    const goodbye = setTimeout(() => {
      isLate = true;
      this.#cutPeers();
    }, GOODBYE_MS);
    const idleCheck = setInterval(() => {
      // Who never finishes a request, or never begins one, would hold us up for ever.
      if (isLate && this.#foreign === 0) server.closeAllConnections();
      // A poll that was answered just now leaves a connection that becomes idle only later.
      else server.closeIdleConnections();
    }, IDLE_CHECK_MS);
    // Also called, with an error, when the server was not listening; then there is nothing to wait for.
    await new Promise<unknown>((resolve) => server.close(resolve));
    clearTimeout(goodbye);
    clearInterval(idleCheck);
    this.#cutPeers();
    // ws reports their ends some turns after the sockets', and only then the engine forgets them.
    for (let turn = 0; turn < MOST_TURNS && this.#peers.size > 0; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Not sooner: a request that was on its way when we stopped still needs somebody to answer it.
    this.#letGo();
  }

  /** If another link wrapped our listener meanwhile, it goes on calling it, and it passes everything on. */
  #letGo(): void {
    releasePath(this.#server, this.#options.path);
    this.#server.off("upgrade", this.#onUpgrade);
    if (!this.#server.listeners("request").includes(this.#onRequest)) return;
    this.#server.off("request", this.#onRequest);
    for (const listener of this.#others) this.#server.on("request", listener);
  }

  #cutPeers(): void {
    for (const peer of this.#peers) peer.terminate();
  }

  readonly #onRequest = (message: IncomingMessage, response: ServerResponse): void => {
    const request = new NodeRequest(message, this.#options.maxPayload);
    if (!this.#isOurs(request.path)) return this.#passOn(message, response);
    watchAbort(request, response);
    settle(
      () => this.#handler.request(request),
      (answer) => respond(message, response, answer),
      (error) => {
        this.#options.onError(error);
        respond(message, response, FAILED);
      },
    );
  };

  /** The exact path only: a prefix would take `/socket.iox`, and what is protected by path would not be. */
  #isOurs(path: string): boolean {
    const ours = this.#options.path;
    return path === ours || path === `${ours}/`;
  }

  #passOn(message: IncomingMessage, response: ServerResponse): void {
    this.#foreign++;
    response.once("close", () => this.#foreign--);
    for (const listener of this.#others) listener.call(this.#server, message, response);
    // Nobody else is there, now or since: without an answer the request would hang.
    const isAlone = this.#others.length === 0 && this.#server.listenerCount("request") <= 1;
    if (isAlone) respond(message, response, { status: 404 });
  }

  readonly #onUpgrade = (message: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Before anything else: a reset of a socket without this listener ends the process (CVE-2022-41940).
    socket.on("error", ignore);
    const request = new NodeRequest(message, this.#options.maxPayload);
    if (!this.#isOurs(request.path)) return this.#destroyUnlessAnswered(socket);
    const unwatch = watchUpgradeAbort(request, socket);
    settle(
      () => this.#handler.upgrade(request),
      (upgrade) => {
        unwatch();
        if (upgrade.accept) this.#accept(upgrade, message, socket, head);
        else refuse(socket, upgrade.response);
      },
      (error) => {
        unwatch();
        this.#options.onError(error);
        refuse(socket, FAILED);
      },
    );
  };

  #destroyUnlessAnswered(socket: Duplex & { readonly bytesWritten?: number }): void {
    const afterMs = this.#options.destroyUpgradeAfterMs;
    if (afterMs === false) return;
    setTimeout(() => {
      if (socket.writable && (socket.bytesWritten ?? 0) <= 0) socket.destroy();
    }, afterMs).unref();
  }

  #accept(upgrade: Upgrade & { accept: true }, message: IncomingMessage, socket: Duplex, head: Buffer): void {
    const addHeaders = (lines: string[]): void => {
      for (const [name, value] of Object.entries(upgrade.headers ?? {})) lines.push(`${name}: ${value}`);
    };
    // ws calls back at once, or refuses at once what is no proper handshake.
    this.#ws.once("headers", addHeaders);
    this.#ws.handleUpgrade(message, socket, head, (ws) => {
      const peer = new NodePeer(ws, socket, this.#writer);
      this.#peers.add(peer);
      try {
        peer.listen(upgrade.open(peer), (error) => this.#options.onError(error));
      } catch (error) {
        // The answer has gone out already, so it is too late to refuse.
        this.#options.onError(error);
        peer.terminate();
      }
      ws.once("close", () => this.#peers.delete(peer));
    });
    this.#ws.off("headers", addHeaders);
  }
}

function webSocketOptions(maxPayload: number): ServerOptions {
  // The types of ws do not know the last two yet.
  const options: ServerOptions & { maxFragments: number; maxPendingAutoPongs: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    skipUTF8Validation: false,
    maxPayload,
    maxFragments: MAX_FRAGMENTS,
    maxPendingAutoPongs: MAX_PENDING_PONGS,
  };
  return options;
}

function respond(message: IncomingMessage, response: ServerResponse, answer: HostResponse): void {
  if (response.headersSent || response.destroyed) return;
  const { status, headers, body = "" } = answer;
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
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
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`];
  const all = { ...headers, Connection: "close", "Content-Length": String(Buffer.byteLength(body)) };
  for (const [name, value] of Object.entries(all)) lines.push(`${name}: ${value}`);
  if (socket.writable) {
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    socket.write(body);
  }
  if (socket.destroySoon) socket.destroySoon();
  else socket.destroy();
}

function ignore(): void {}
