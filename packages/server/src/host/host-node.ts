import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Http2SecureServer, ServerHttp2Session } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import { answerNow, NodeDoor, type WebSocketEngineClass } from "./host-node-door.ts";
import type { Host, HostHandler, HostLink, HostOptions } from "./host.ts";
import { releasePath, takePath } from "./take-path.ts";

/** HTTP/2 with `allowHTTP1: true`, or WebSocket has no way in. */
export type NodeServer = HttpServer | HttpsServer | Http2SecureServer;
type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** How long peers may take to answer our close frame when the host stops. */
const GOODBYE_MS = 1000;
const IDLE_CHECK_MS = 50;
/** How long to wait for ends that are certain; two turns do. */
const MOST_TURNS = 100;

export interface NodeHostOptions {
  /** In place of ws's `WebSocketServer`. */
  readonly wsEngine?: WebSocketEngineClass | undefined;
}

/** Bowline on an HTTP server of Node. Its other routes, and other listeners for upgrades, stay as they are. */
export function nodeHost(server: NodeServer, own: NodeHostOptions = {}): Host {
  return {
    name: "node:http",
    // The three have the same events; what HTTP/2 lacks is asked for before it is used.
    start: (handler, options) => new NodeLink(server as HttpServer, handler, { ...options, ...own }),
  };
}

class NodeLink implements HostLink {
  readonly #server: HttpServer;
  readonly #options: HostOptions;
  readonly #handler: HostHandler;
  readonly #door: NodeDoor;
  readonly #ours: ReadonlySet<string>;
  readonly #others: readonly RequestListener[];
  /** Of HTTP/2, where a session outlives its requests. */
  readonly #http2 = new Set<ServerHttp2Session>();
  /** Requests on other paths that are not answered yet. */
  #foreign = 0;
  #stopping: Promise<void> | undefined;

  constructor(server: HttpServer, handler: HostHandler, options: HostOptions & NodeHostOptions) {
    takePath(server, options.path);
    this.#server = server;
    this.#handler = handler;
    this.#options = options;
    this.#door = new NodeDoor(handler, options);
    const { path, files = [] } = options;
    this.#ours = new Set([path, `${path}/`, ...files]);
    this.#others = server.listeners("request") as RequestListener[];
    server.removeAllListeners("request");
    server.on("request", this.#onRequest);
    server.on("upgrade", this.#onUpgrade);
    server.on("close", this.#onClose);
    server.on("session", this.#onHttp2);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#door.stop();
    const server = this.#server;
    let isLate = false;
    const goodbye = setTimeout(() => {
      isLate = true;
      this.#door.cutPeers();
    }, GOODBYE_MS);
    const idleCheck = setInterval(() => this.#closeConnections(isLate && this.#foreign === 0), IDLE_CHECK_MS);
    for (const session of this.#http2) session.close();
    // Also called, with an error, when the server was not listening; then there is nothing to wait for.
    await new Promise<unknown>((resolve) => server.close(resolve));
    clearTimeout(goodbye);
    clearInterval(idleCheck);
    this.#door.cutPeers();
    // ws reports their ends some turns after the sockets', and only then the engine forgets them.
    for (let turn = 0; turn < MOST_TURNS && this.#door.peers.size > 0; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Not sooner: a request that was on its way when we stopped still needs somebody to answer it.
    this.#letGo();
  }

  /** HTTP/2 servers have neither method; their sessions are closed one by one. */
  #closeConnections(all: boolean): void {
    const server: Partial<HttpServer> = this.#server;
    // Who never finishes a request, or never begins one, would hold us up for ever.
    if (all) {
      server.closeAllConnections?.();
      for (const session of this.#http2) session.destroy();
    }
    // A poll that was answered just now leaves a connection that becomes idle only later.
    else server.closeIdleConnections?.();
  }

  /** If another link wrapped our listener meanwhile, it goes on calling it, and it passes everything on. */
  #letGo(): void {
    releasePath(this.#server, this.#options.path);
    this.#server.off("upgrade", this.#onUpgrade);
    this.#server.off("close", this.#onClose);
    this.#server.off("session", this.#onHttp2);
    if (!this.#server.listeners("request").includes(this.#onRequest)) return;
    this.#server.off("request", this.#onRequest);
    for (const listener of this.#others) this.#server.on("request", listener);
  }

  readonly #onRequest = (message: IncomingMessage, response: ServerResponse): void => {
    const request = this.#door.read(message);
    if (this.#ours.has(request.path)) this.#door.request(request, response);
    else this.#passOn(message, response);
  };

  #passOn(message: IncomingMessage, response: ServerResponse): void {
    this.#foreign++;
    response.once("close", () => this.#foreign--);
    for (const listener of this.#others) listener.call(this.#server, message, response);
    // Nobody else is there, now or since: without an answer the request would hang.
    const isAlone = this.#others.length === 0 && this.#server.listenerCount("request") <= 1;
    if (isAlone) answerNow(message, response, { status: 404 });
  }

  readonly #onUpgrade = (message: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const request = this.#door.read(message);
    // The exact path only: a prefix would take `/socket.iox`, and what is protected by path would not be.
    const { path } = this.#options;
    if (request.path === path || request.path === `${path}/`) this.#door.upgrade(request, socket, head);
    else this.#destroyUnlessAnswered(socket);
  };

  /** Somebody else closed the server, and all its connections are over. */
  readonly #onClose = (): void => this.#handler.hostClosed?.();

  readonly #onHttp2 = (session: ServerHttp2Session): void => {
    this.#http2.add(session);
    session.once("close", () => this.#http2.delete(session));
  };

  #destroyUnlessAnswered(socket: Duplex & { readonly bytesWritten?: number }): void {
    const afterMs = this.#options.destroyUpgradeAfterMs;
    // Whoever answers it has a listener of its own; until then a reset must not end the process.
    socket.on("error", () => {});
    if (afterMs === false) return;
    setTimeout(() => {
      if (socket.writable && (socket.bytesWritten ?? 0) <= 0) socket.destroy();
    }, afterMs).unref();
  }
}
