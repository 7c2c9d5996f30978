import { RealtimeError } from "@bowline/protocol";
import { UwsExchange } from "./host-uws-exchange.ts";
import { queuedFrame, type UserData, UwsPeer, type UwsPeerContext } from "./host-uws-peer.ts";
import type { UwsStreamContext } from "./host-uws-stream.ts";
import type { Host, HostHandler, HostLink, HostOptions, HostResponse } from "./host.ts";
import { settle } from "./settle.ts";
import { takePath } from "./take-path.ts";
import { TurnFrames, TurnQueue } from "./turn-queue.ts";
import type { UwsApp, UwsBehavior, UwsRequest, UwsResponse, UwsUpgradeContext } from "./uws-api.ts";

const FAILED: HostResponse = { status: 500 };
const STOPPED: HostResponse = { status: 503, headers: { Connection: "close" } };
const BAD_REQUEST: HostResponse = { status: 400, headers: { Connection: "close" } };
/** `SHARED_COMPRESSOR | SHARED_DECOMPRESSOR`: an app does not lead to its module, where they have names. */
const COMPRESSION = 1 | (1 << 8);
/** How long `stop` gives what was sent last before it cuts all connections. */
const GOODBYE_MS = 50;

/** Bowline on an app of uWebSockets.js; call `app.listen` yourself. Its other routes stay as they are. */
export function uwsHost(app: UwsApp): Host {
  return { name: "uWebSockets.js", start: (handler, options) => new UwsLink(app, handler, options) };
}

class UwsLink implements HostLink {
  readonly #app: UwsApp;
  readonly #handler: HostHandler;
  readonly #options: HostOptions;
  readonly #secure: boolean;
  readonly #context: UwsPeerContext & UwsStreamContext;
  #stopping: Promise<void> | undefined;

  constructor(app: UwsApp, handler: HostHandler, options: HostOptions) {
    assertPlainPath(options.path);
    takePath(app, options.path);
    this.#app = app;
    this.#handler = handler;
    this.#options = options;
    const turns = new TurnQueue();
    this.#context = {
      turns,
      frames: new TurnFrames(turns, queuedFrame),
      compressFrom: options.compression?.threshold ?? Infinity,
      failed: (error) => options.onError(error),
    };
    // The app does not say it otherwise, nor do its requests.
    this.#secure = app.constructor.name === "uWS.SSLApp";
    const { path, files = [] } = options;
    for (const pattern of [path, `${path}/`]) app.ws(pattern, this.#behavior());
    for (const pattern of [path, `${path}/`, ...files]) {
      app.any(pattern, (response, request) => this.#request(response, request));
    }
  }

  /** Routes cannot be taken back, so the app closes as a whole. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#context.turns.flush();
    // `app.close()` cuts at once, also what the kernel has not taken yet: last frames and answers get a moment. Only
    // `app.close()`: together with us_listen_socket_close it ends the process with a segmentation fault.
    await new Promise<void>((resolve) => setTimeout(resolve, GOODBYE_MS));
    this.#app.close();
  }

  #behavior(): UwsBehavior<UserData> {
    return {
      maxPayloadLength: this.#options.maxPayload,
      // No limit, for beyond one uWS would drop messages and stay open. The engine watches `bufferedAmount`.
      maxBackpressure: 0,
      closeOnBackpressureLimit: false,
      // The engine has its own heartbeat.
      idleTimeout: 0,
      sendPingsAutomatically: false,
      maxLifetime: 0,
      compression: this.#options.compression ? COMPRESSION : 0,
      upgrade: (response, request, context) => this.#upgrade(response, request, context),
      open: (ws) => ws.getUserData().peer.opened(ws),
      message: (ws, message, isBinary) => ws.getUserData().peer.message(message, isBinary),
      drain: (ws) => ws.getUserData().peer.drained(),
      close: (ws, code, message) => ws.getUserData().peer.closed(code, Buffer.from(message).toString("utf8")),
    };
  }

  #request(response: UwsResponse, request: UwsRequest): void {
    const exchange = this.#copy(response, request);
    if (!exchange) return;
    settle(
      () => this.#handler.request(exchange),
      (answer) => exchange.respond(answer),
      (error) => this.#fail(exchange, error),
    );
  }

  #upgrade(response: UwsResponse, request: UwsRequest, context: UwsUpgradeContext): void {
    const exchange = this.#copy(response, request);
    if (!exchange) return;
    settle(
      () => this.#handler.upgrade(exchange),
      (upgrade) => {
        if (!upgrade.accept) return exchange.refuse(upgrade.response);
        // The exchange is not kept for nothing.
        const over = exchange.hasOutgoing ? (): void => exchange.closed() : undefined;
        const peer = new UwsPeer(this.#context, upgrade, over);
        exchange.upgrade({ peer } satisfies UserData, upgrade.headers, context);
      },
      (error) => this.#fail(exchange, error),
    );
  }

  /** `undefined` when it is answered already. */
  #copy(response: UwsResponse, request: UwsRequest): UwsExchange | undefined {
    const exchange = new UwsExchange(response, request, {
      maxPayload: this.#options.maxPayload,
      secure: this.#secure,
      streams: this.#context,
      onError: (error) => this.#options.onError(error),
    });
    if (this.#stopping === undefined && !exchange.isAmbiguous) return exchange;
    exchange.respond(exchange.isAmbiguous ? BAD_REQUEST : STOPPED);
    return undefined;
  }

  #fail(exchange: UwsExchange, error: unknown): void {
    this.#options.onError(error);
    exchange.respond(FAILED);
  }
}

function assertPlainPath(path: string): void {
  if (!/[:*]/.test(path)) return;
  throw new RealtimeError("invalid_argument", `path ${path}: ":" and "*" are patterns on uWebSockets.js`);
}
