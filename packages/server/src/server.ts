import {
  type DefaultEventMap,
  type EventMap,
  type EventName,
  jsonCodec,
  type ParserEncoder,
  RealtimeError,
  type Untyped,
} from "@bowline/protocol";
import {
  type Clock,
  contain,
  explainUnserializable,
  type Listener,
  type Listeners,
  parserCodec,
} from "@bowline/protocol/internal";
import { type AttachTarget, hostOf, isPlainOptions, toPort } from "./attach-target.ts";
import type { ForeignEngine } from "./engine/bound-session.ts";
import type { Engine } from "./engine/engine.ts";
import { type ErrorStage, notRunning } from "./errors.ts";
import type { NodeServer } from "./host/host-node.ts";
import { uwsHost } from "./host/host-uws.ts";
import type { Host } from "./host/host.ts";
import type { UwsApp } from "./host/uws-api.ts";
import { Links } from "./links.ts";
import { type ListenInfo, openHost } from "./listen.ts";
import {
  assertOfEngine,
  reportForeignOptions,
  type ResolvedOptions,
  resolveOptions,
  type ServerOptions,
} from "./options.ts";
import { toBuffer, warnOfError } from "./runtime.ts";
import type { AdapterFactory } from "./socket/adapter.ts";
import type { Broadcast } from "./socket/broadcast.ts";
import { Broadcaster } from "./socket/broadcaster.ts";
import { Connection, type ConnectionHost } from "./socket/connection.ts";
import { Deadlines } from "./socket/deadlines.ts";
import type { Delivery } from "./socket/delivery.ts";
import type { Middleware } from "./socket/middleware.ts";
import type { NamespaceHost, NamespaceServer } from "./socket/namespace-host.ts";
import type { Namespace } from "./socket/namespace.ts";
import { type AnyNamespace, type NamespaceFunction, Namespaces } from "./socket/namespaces.ts";
import { encoderOf } from "./socket/parser-encoder.ts";
import { givenRecovery } from "./socket/recovery-options.ts";
import { RecoverySweep } from "./socket/recovery-sweep.ts";
import { ResumptionPool } from "./socket/resumption-pool.ts";
import type { NamespaceReservedEvents } from "./socket/socket-events.ts";
import type { Socket } from "./socket/socket.ts";

/**
 * The parts put together: hosts call the engine, the engine makes sessions, each session gets a connection, which
 * finds its namespaces here.
 */
export class Server<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
  ServerSideEvents extends EventMap = DefaultEventMap,
  SocketData = Untyped,
> extends Broadcaster<
  ServerSideEvents,
  NamespaceReservedEvents<
    Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  >,
  EmitEvents,
  SocketData
> {
  /** The namespace `/`, which the methods of the server itself speak of. */
  readonly sockets: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  #options: ResolvedOptions;
  #encoder: ParserEncoder | undefined;
  readonly #namespaces: Namespaces;
  readonly #shared: NamespaceHost & ConnectionHost & { adapter: AdapterFactory | undefined };
  /** Connections that joined no namespace yet. */
  #unused: Deadlines<Connection>;
  readonly #links: Links;
  /** As they were given, for what is attached later and for tools that read them. */
  #given: ServerOptions;
  #httpServer: NodeServer | undefined;
  /** Connections so far. */
  #opened = 0;
  #ready: Promise<ListenInfo> | undefined;
  #closing: Promise<Error | undefined> | undefined;

  /**
   * @throws RealtimeError `invalid_argument` on an option that is misspelt or cannot work, or a target that is none.
   * @example
   * const io = new Server(httpServer, { cors: { origin: "https://example.com" } });
   * @example
   * const io = new Server(3000);
   */
  constructor(target?: AttachTarget | ServerOptions, options?: ServerOptions) {
    super();
    const targetIsOptions = isPlainOptions(target);
    this.#given = { ...(targetIsOptions ? target : options) };
    this.#options = resolveOptions(this.#given, warnOfError);
    const { onError, connectTimeoutMs, adapter, parser, recovery, resumption, runtime } = this.#options;
    reportForeignOptions(this.#given, onError);
    // Adapters read it, and want it complete.
    if (recovery) this.#given.connectionStateRecovery = givenRecovery(recovery);
    this.#shared = {
      server: this as unknown as NamespaceServer,
      codec: parser ? parserCodec(parser, toBuffer) : jsonCodec({ explain: explainUnserializable }),
      runtime,
      onError,
      unanswered: new Set(),
      adapter,
      recovery: recovery && {
        options: recovery,
        sweep: new RecoverySweep(runtime.clock, recovery.maxAwayMs),
      },
      resumption: resumption && new ResumptionPool(resumption, runtime.clock),
      namespace: (name) => this.#namespaces.byName.get(name),
      findNamespace: (name, auth, found) => this.#namespaces.find(name, auth, found),
      nextNumber: () => ++this.#opened,
      settled: (connection) => connection.deadline?.remove(connection),
    };
    this.#unused = deadlines(runtime.clock, connectTimeoutMs);
    this.#links = new Links(this.#options, {
      session: (session) => new Connection(session, this.#shared).begin(this.#unused),
      failed: (stage, error) => this.#failed(stage, error),
      attach: (server, own) => void this.attach(server as AttachTarget, own as ServerOptions),
    });
    this.#namespaces = new Namespaces(this.#shared, this.#options.namespaces);
    this.sockets = this.of("/");
    if (target !== undefined && !targetIsOptions) this.attach(target as AttachTarget);
  }

  /** Connections over all hosts, whatever their namespaces. */
  get connectionsCount(): number {
    return this.#links.connectionsCount;
  }

  /** The engine below, with the members and events of Engine.IO's server. */
  get engine(): Engine {
    return this.#links.engine;
  }

  /** @internal The name that tools know. */
  get eio(): Engine {
    return this.engine;
  }

  /** @internal As they were given; adapters and tools read them. */
  get opts(): Readonly<ServerOptions> {
    return this.#given;
  }

  /** @internal */
  get _opts(): Readonly<ServerOptions> {
    return this.#given;
  }

  /** @internal The namespaces by name; tools read them. */
  get _nsps(): ReadonlyMap<string, AnyNamespace> {
    return this.#namespaces.byName;
  }

  /** @internal Turns packets as Socket.IO's parsers know them into frames; adapters call it. */
  get encoder(): ParserEncoder {
    const { parser } = this.#options;
    this.#encoder ??= parser ? new parser.Encoder() : encoderOf(this.#shared.codec);
    return this.#encoder;
  }

  /** The path that clients connect to; with a value it is changed for what is attached from then on. */
  path(): string;
  path(path: string): this;
  path(path?: string): string | this {
    if (path === undefined) return this.#options.path;
    this.#change({ path });
    return this;
  }

  /** Whether the client's bundles are served; with a value it is changed for what is attached to from now on. */
  serveClient(): boolean;
  serveClient(serveClient: boolean): this;
  serveClient(serveClient?: boolean): boolean | this {
    if (serveClient === undefined) return this.#options.serveClient;
    this.#change({ serveClient });
    return this;
  }

  /** After how many milliseconds a connection that joined nothing is closed; with a value it is changed for new ones. */
  connectTimeout(): number;
  connectTimeout(connectTimeout: number): this;
  connectTimeout(connectTimeout?: number): number | this {
    if (connectTimeout === undefined) return this.#options.connectTimeoutMs;
    this.#change({ connectTimeout });
    this.#unused = deadlines(this.#options.runtime.clock, this.#options.connectTimeoutMs);
    return this;
  }

  /** What makes the adapters; with a value every namespace gets another one, with the rooms that there are. */
  adapter(): AdapterFactory | undefined;
  adapter(factory: AdapterFactory): this;
  adapter(factory?: AdapterFactory): AdapterFactory | undefined | this {
    if (factory === undefined) return this.#shared.adapter;
    resolveOptions({ adapter: factory }, warnOfError);
    this.#shared.adapter = factory;
    for (const namespace of this.#namespaces.byName.values()) namespace._useAdapter(factory);
    return this;
  }

  /** The HTTP server under it, if there is one: none on uWebSockets.js. */
  get httpServer(): NodeServer | undefined {
    return this.#httpServer;
  }

  /**
   * Settles when `listen(port)` did: which host it runs on, on which port, and why that host. Rejects with
   * `listen_failed`.
   */
  get ready(): Promise<ListenInfo> {
    if (this.#ready) return this.#ready;
    const message = "io.ready speaks of a port that the server opened itself: call io.listen(port) before";
    return Promise.reject(new RealtimeError("invalid_argument", message));
  }

  /**
   * Answers on an HTTP server, whose other routes stay as they are, or on a port of its own. Options given here are the
   * engine's (the constructor's own win, as in Socket.IO), and they make a new `io.engine`.
   */
  attach(target: AttachTarget, options?: ServerOptions): this {
    if (typeof target === "number" || typeof target === "string") return this.listen(target, options);
    const { host, httpServer } = hostOf(target);
    this.#httpServer ??= httpServer;
    return this.#start(host, options);
  }

  /**
   * On a port of its own: on uWebSockets.js where it is installed, else on node:http. `await io.ready` says which. Also
   * takes what `attach` takes.
   */
  listen(port: AttachTarget, options?: ServerOptions): this {
    if (typeof port !== "number" && typeof port !== "string") return this.attach(port, options);
    this.#assertOpen();
    const opened = openHost(toPort(port));
    this.#httpServer ??= opened.httpServer;
    this.#ready = opened.listening;
    // Whoever awaits `ready` hears of it there; everybody else hears of it here.
    opened.listening.catch((error: unknown) => {
      if (!this.#closing) this.#failed("listen", error);
    });
    return this.#start(opened.host, options);
  }

  /** Answers on an app of uWebSockets.js; call `app.listen` yourself. */
  attachApp(app: UwsApp, options?: ServerOptions): this {
    return this.#start(uwsHost(app), options);
  }

  /** Takes the connections of another engine, as if they were of `io.engine`, which it is from then on. */
  bind(engine: ForeignEngine | Engine): this {
    this.#assertOpen();
    this.#links.bind(engine);
    return this;
  }

  /**
   * The namespace of that name; made when it is not there. A missing leading slash is put there. A RegExp, or a function
   * `(name, auth, next)` that says `next(null, true)`, lets clients make the namespaces they ask for: what comes back
   * stands for all of them. `listener` hears of its sockets.
   */
  of(
    name: string | RegExp | NamespaceFunction,
    listener?: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => unknown,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  /** With maps of its own. */
  of<
    Listen extends EventMap = ListenEvents,
    Emit extends EventMap = EmitEvents,
    ServerSide extends EventMap = ServerSideEvents,
    Data = SocketData,
  >(
    name: string | RegExp | NamespaceFunction,
    listener?: (socket: Socket<Listen, Emit, ServerSide, Data>) => unknown,
  ): Namespace<Listen, Emit, ServerSide, Data>;
  // The first once more: the last one is what `ReturnType` sees.
  of(
    name: string | RegExp | NamespaceFunction,
    listener?: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => unknown,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  of(name: string | RegExp | NamespaceFunction, listener?: (socket: never) => unknown): object {
    const isPattern = name instanceof RegExp || typeof name === "function";
    const found = isPattern ? this.#namespaces.matching(name) : this.#namespaces.named(name);
    if (listener) found.on("connect", listener as never);
    return found;
  }

  /**
   * Disconnects everybody ("server shutting down") and stops listening; an HTTP server that was handed in is closed
   * too. May be called again: it closes once, and every call waits for it. `done` gets an error when the HTTP server was
   * not running; the promise resolves all the same.
   */
  async close(done?: (error?: Error) => void): Promise<void> {
    if (!this.#closing) {
      let begin: (closed: Promise<Error | undefined>) => void = () => {};
      // Before anything is closed: a listener that hears of it may call this again.
      this.#closing = new Promise((resolve) => (begin = resolve));
      begin(this.#close());
    }
    const failure = await this.#closing;
    // Contained, or what the callback throws would be a rejection of a promise that its caller does not look at.
    if (done) contain(done as Listener, failure ? [failure] : [], (error) => this.#failed("close", error));
  }

  use(middleware: Middleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>): this {
    this.sockets.use(middleware);
    return this;
  }

  /** @internal */
  get _everybody(): Broadcast<EmitEvents, SocketData> {
    return this.sockets._everybody;
  }

  /** @internal */
  get _delivery(): Delivery {
    return this.sockets._delivery;
  }

  /** @internal What listens to the server listens to its main namespace. */
  override get _events(): Listeners {
    return this.sockets._events;
  }

  /** @internal */
  override _hears(event: EventName): boolean {
    return this.sockets._hears(event);
  }

  /** @internal */
  override _fire(event: EventName, args: readonly unknown[]): boolean {
    return this.sockets._fire(event, args);
  }

  /** @internal */
  _listenerFailed(error: unknown, event: EventName, args: readonly unknown[]): void {
    this.sockets._listenerFailed(error, event, args);
  }

  #assertOpen(): void {
    if (!this.#closing) return;
    throw new RealtimeError("invalid_argument", "this server was closed; make another one: new Server(…)");
  }

  #start(host: Host, options?: ServerOptions): this {
    this.#assertOpen();
    assertOfEngine(options, this.#given);
    const own = options && resolveOptions({ ...options, ...this.#given }, warnOfError);
    if (options) reportForeignOptions(options, this.#options.onError);
    this.#links.start(host, own);
    return this;
  }

  #change(change: ServerOptions): void {
    this.#given = { ...this.#given, ...change };
    const { path, serveClient, connectTimeoutMs } = resolveOptions(this.#given, warnOfError);
    this.#options = Object.freeze({ ...this.#options, path, serveClient, connectTimeoutMs });
    this.#links.change(this.#options);
  }

  /** Gives the error that the callback of Socket.IO's `close` gets. */
  async #close(): Promise<Error | undefined> {
    const wasRunning = (this.#httpServer as { listening?: boolean } | undefined)?.listening ?? true;
    for (const namespace of this.#namespaces.byName.values()) {
      for (const socket of [...namespace.sockets.values()]) socket._closed("server shutting down");
    }
    // Which closes the engine at once.
    const closed = [this.#links.close()];
    for (const namespace of this.#namespaces.byName.values()) {
      namespace._sessions?.stop();
      namespace._resumptions?.stop();
      closed.push(namespace._closeAdapter());
    }
    await Promise.all(closed);
    return wasRunning ? undefined : notRunning();
  }

  #failed(stage: ErrorStage, error: unknown): void {
    this.#options.onError(error, { stage });
  }
}

/** A time for all that wait. */
function deadlines(clock: Clock, connectTimeoutMs: number): Deadlines<Connection> {
  return new Deadlines(clock, connectTimeoutMs, (connection) => connection.unused());
}
