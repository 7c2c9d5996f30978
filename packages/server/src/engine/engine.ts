import { type EventName, RealtimeError } from "@bowline/protocol";
import { Emitter } from "../emitter.ts";
import type {
  HostHeaders,
  HostRequest,
  HostResponse,
  HttpDoor,
  IncomingMessage,
  Upgrade,
  WebSocketListener,
  WebSocketPeer,
} from "../host/host.ts";
import { admit, refuseId } from "./admission.ts";
import { describeConnection } from "./connection-info.ts";
import { debug } from "./debug.ts";
import type { EngineEvents } from "./engine-events.ts";
import { type EngineOptions, type EngineRuntime, upgradesOf } from "./engine-options.ts";
import { EventEncoder } from "./event-encoder.ts";
import { Front, withHeaders } from "./front.ts";
import { Heartbeats } from "./heartbeats.ts";
import type { EngineMiddleware } from "./http-middleware.ts";
import { incomingOf } from "./incoming.ts";
import { Opening } from "./opening.ts";
import { parseQuery, type Query } from "./query.ts";
import { sessionRecord } from "./session-record.ts";
import { Session, type SessionContext } from "./session.ts";
import { Teller } from "./teller.ts";
import { PollingTransport } from "./transport-polling.ts";
import { SseTransport } from "./transport-sse.ts";
import { FrameEncoder, WebSocketTransport } from "./transport-websocket.ts";
import type { Transport, TransportName } from "./transport.ts";
import { refuse, refuseClosed, type Refusal, verify, verifyRevision } from "./verify.ts";

/** Whoever an engine works for. */
export interface EngineOwner {
  /** A session is open; its listener is to be set before this returns. */
  session(session: Session): void;
  error(error: unknown): void;
  /** The way in for requests that somebody else routed, where there is one. */
  door?(): HttpDoor;
  /** `io.engine.attach`. */
  attach?(server: unknown, options: unknown): void;
}

const NORMAL = 1000;
/** For a WebSocket whose session ended while it was being accepted. */
const NOBODY: WebSocketListener = { message() {}, drain() {}, closed() {} };

/**
 * Sessions by id: answers the host's requests, opens sessions, keeps their heartbeats. What Socket.IO calls `io.engine`,
 * with the members and events of Engine.IO's Server.
 */
// A HostHandler, which cannot be said here: those methods are internal, and the declarations are without them.
export class Engine extends Emitter<EngineEvents> {
  /** The options in force, under Engine.IO's names. */
  readonly opts: Readonly<Record<string, unknown>>;
  /** The sessions by id: a view. */
  readonly clients: Readonly<Record<string, Session>>;
  readonly #options: EngineOptions;
  readonly #runtime: EngineRuntime;
  readonly #owner: EngineOwner;
  readonly #sessions = new Map<string, Session>();
  readonly #heartbeats: Heartbeats;
  readonly #context: SessionContext;
  readonly #encoder = new FrameEncoder();
  readonly #events = new EventEncoder();
  readonly #front: Front;
  readonly #teller = new Teller(this);
  /** Of the sessions those that only wait for their WebSocket to close. */
  readonly #leaving = new Set<Session>();
  #state: "open" | "closed" = "open";

  /** @internal Servers make engines. */
  constructor(
    options: EngineOptions,
    runtime: EngineRuntime,
    owner: EngineOwner,
    opts: Readonly<Record<string, unknown>> = {},
  ) {
    super();
    this.opts = opts;
    this.#options = options;
    this.#runtime = runtime;
    this.#owner = owner;
    this.#front = new Front(options.cors);
    this.#heartbeats = new Heartbeats(runtime.clock, options);
    this.#context = this.#sessionContext();
    this.clients = sessionRecord(this.#sessions);
  }

  /** @internal Those in the middle of closing included. */
  get sessions(): ReadonlyMap<string, Session> {
    return this.#sessions;
  }

  /** @internal */
  get size(): number {
    return this.#sessions.size;
  }

  get clientsCount(): number {
    return this.#sessions.size - this.#leaving.size;
  }

  /**
   * The id of a new session. Assign another function, which may be async; it must give a text that nobody can guess and
   * that no other session has.
   */
  generateId(_request: IncomingMessage): string | Promise<string> {
    return this.#runtime.createId();
  }

  /**
   * Express middleware for every request and every upgrade, before the engine looks at it. One that fails refuses the
   * request; one that answers by itself has answered it.
   * @example
   * io.engine.use(session({ secret: "…", resave: false, saveUninitialized: true }));
   */
  use(middleware: EngineMiddleware): this {
    this.#front.use(middleware);
    return this;
  }

  /** To what a session on that transport may move up. */
  upgrades(transport: string): TransportName[] {
    return upgradesOf(this.#options, transport);
  }

  /** Answers a request of node:http that was routed here, whatever its path. */
  handleRequest(...exchange: Parameters<HttpDoor["handleRequest"]>): void {
    this.#door().handleRequest(...exchange);
  }

  /** The same for an upgrade. */
  handleUpgrade(...exchange: Parameters<HttpDoor["handleUpgrade"]>): void {
    this.#door().handleUpgrade(...exchange);
  }

  /** Answers on an HTTP server of Node, as `io.attach` does. */
  attach(server: unknown, options: unknown = {}): this {
    if (!this.#owner.attach) throw new RealtimeError("invalid_argument", "this engine has no server");
    this.#owner.attach(server, options);
    return this;
  }

  /** Closes every session, and refuses handshakes from now on. */
  close(): this {
    this.#state = "closed";
    this.closeSessions();
    this.#heartbeats.stop();
    return this;
  }

  /** Tells its listeners, as on any emitter. */
  emit(event: EventName, ...args: readonly unknown[]): boolean {
    return this._fire(event, args);
  }

  /** @internal Without waiting for peers that may never come. */
  closeSessions(): void {
    for (const session of [...this.#sessions.values()]) session.close(true);
  }

  /** @internal Called by the host. */
  request(request: HostRequest): HostResponse | Promise<HostResponse> {
    const query = parseQuery(request.query);
    if (this.#front.isOpen) return this.#answer(request, query);
    return this.#front.pass(request, query).then(
      (passage) => {
        if ("answer" in passage) return passage.answer;
        const answer = this.#answer(request, query);
        return passage.headers ? withHeaders(answer, passage.headers) : answer;
      },
      this.#blocked((refusal) => this.#teller.refuseRequest(refusal, request, query)),
    );
  }

  /**
   * @internal Called by the host. Nothing exists before the host has the WebSocket: an upgrade that breaks off on the way
   * leaves nothing behind.
   */
  upgrade(request: HostRequest): Upgrade | Promise<Upgrade> {
    const query = parseQuery(request.query);
    if (this.#front.isOpen) return this.#answerUpgrade(request, query);
    return this.#front.pass(request, query).then(
      (passage) => {
        if ("answer" in passage) return { accept: false, response: passage.answer };
        return this.#answerUpgrade(request, query, passage.headers);
      },
      this.#blocked((refusal) => this.#teller.refuseUpgrade(refusal, request, query)),
    );
  }

  /** @internal A listener threw. */
  _listenerFailed(error: unknown): void {
    this.#report(error);
  }

  /** What follows when something before the engine failed. */
  #blocked<Answer>(refused: (refusal: Refusal) => Answer): (error: unknown) => Answer {
    return (error) => {
      this.#report(error);
      return refused(refuse(3, { name: "MIDDLEWARE_FAILURE" }));
    };
  }

  #door(): HttpDoor {
    const door = this.#owner.door?.();
    if (door) return door;
    throw new RealtimeError("invalid_argument", "this engine takes no requests of node:http");
  }

  #answer(request: HostRequest, query: Query): HostResponse | Promise<HostResponse> {
    const refusal = this.#verify(request, query, false);
    if (refusal) return this.#teller.refuseRequest(refusal, request, query);
    const session = query["sid"] ? this.#sessions.get(query["sid"]) : undefined;
    if (session) return this.#teller.answered(session.answer(request, query), request, query);
    const admitted = this.#admit(request, query);
    if (admitted instanceof Promise)
      return admitted.then((late) => this.#acceptRequest(request, query, late));
    return this.#acceptRequest(request, query, admitted);
  }

  #answerUpgrade(request: HostRequest, query: Query, headers?: HostHeaders): Upgrade | Promise<Upgrade> {
    const sid = query["sid"];
    const refusal = this.#verify(request, query, true);
    if (refusal) return this.#teller.refuseUpgrade(refusal, request, query);
    if (sid) {
      const all = this.#teller.askForHeaders(headers, request, query);
      return { accept: true, ...(all && { headers: all }), open: (peer) => this.#openUpgrade(sid, peer) };
    }
    const accept = (admitted: string | Refusal): Upgrade =>
      this.#acceptUpgrade(request, query, admitted, headers);
    const admitted = this.#admit(request, query);
    return admitted instanceof Promise ? admitted.then(accept) : accept(admitted);
  }

  #verify(request: HostRequest, query: Query, isUpgrade: boolean): Refusal | undefined {
    const session = query["sid"] ? this.#sessions.get(query["sid"]) : undefined;
    return verify({ request, query, isUpgrade, transports: this.#options.transports, session });
  }

  /** The part of a handshake that the application decides: whether, and as whom. */
  #admit(request: HostRequest, query: Query): string | Refusal | Promise<string | Refusal> {
    if (this.#state === "closed") return refuseClosed();
    const makesId = this.generateId !== Engine.prototype.generateId;
    if (this.#options.allowRequest || makesId) return this.#admitLate(request, query);
    const refusal = verifyRevision(query);
    if (refusal) return refusal;
    try {
      return this.#runtime.createId();
    } catch (error) {
      this.#report(error);
      return refuseId(error);
    }
  }

  async #admitLate(request: HostRequest, query: Query): Promise<string | Refusal> {
    return admit(
      {
        allowRequest: this.#options.allowRequest,
        generateId: (incoming) => this.generateId(incoming),
        isTaken: (id) => this.#sessions.has(id),
        isClosed: () => this.#state === "closed",
        report: (error) => this.#report(error),
      },
      incomingOf(request, query),
    );
  }

  #acceptRequest(
    request: HostRequest,
    query: Query,
    admitted: string | Refusal,
  ): HostResponse | Promise<HostResponse> {
    if (typeof admitted !== "string") return this.#teller.refuseRequest(admitted, request, query);
    const transport = this.#createTransport(query);
    const session = this.#create(admitted, transport, request);
    if (!session) return this.#teller.refuseRequest(refuseId(undefined), request, query);
    // The peer may have left already; then the session ends here, and nobody hears of it.
    const answer = transport.request(request, query);
    const cookie = this.#options.cookie?.(admitted);
    const headers = this.#teller.askForHeaders(
      cookie === undefined ? undefined : { "Set-Cookie": [cookie] },
      request,
      query,
    );
    this.#announce(session);
    return headers ? withHeaders(answer, headers) : answer;
  }

  #createTransport(query: Query): PollingTransport | SseTransport {
    const { clock } = this.#runtime;
    const { sse, httpCompression } = this.#options;
    return query["transport"] === "sse"
      ? new SseTransport(clock, sse, this.#events)
      : new PollingTransport(clock, httpCompression);
  }

  #acceptUpgrade(
    request: HostRequest,
    query: Query,
    admitted: string | Refusal,
    headers: HostHeaders | undefined,
  ): Upgrade {
    if (typeof admitted !== "string") return this.#teller.refuseUpgrade(admitted, request, query);
    const all = this.#teller.askForHeaders(headers, request, query);
    const open = (peer: WebSocketPeer): WebSocketListener => this.#openWebSocket(admitted, peer, request);
    return { accept: true, ...(all && { headers: all }), open };
  }

  #openWebSocket(id: string, peer: WebSocketPeer, request: HostRequest): WebSocketListener {
    const transport = new WebSocketTransport(peer, this.#encoder);
    const session = this.#state === "open" ? this.#create(id, transport, request) : undefined;
    if (!session) {
      peer.close(NORMAL, "");
      return NOBODY;
    }
    this.#announce(session);
    return transport;
  }

  /** Refused, if it must be, by closing the WebSocket, as Engine.IO does: its clients take an HTTP error for a fault. */
  #openUpgrade(sid: string, peer: WebSocketPeer): WebSocketListener {
    const session = this.#sessions.get(sid);
    if (!session?.upgradable) {
      debug("%s: refused to upgrade from %s", sid, session?.transportName);
      peer.close(NORMAL, "");
      return NOBODY;
    }
    const transport = new WebSocketTransport(peer, this.#encoder);
    session.tryUpgrade(transport);
    return transport;
  }

  /** `undefined` if another one got the id while this one's WebSocket was opening. */
  #create(id: string, transport: Transport, request: HostRequest): Session | undefined {
    if (this.#sessions.has(id)) return undefined;
    const info = describeConnection(request, this.#runtime.wallClock());
    const session = new Session({ id, info, incoming: request.native }, transport, this.#context);
    this.#sessions.set(id, session);
    this.#heartbeats.add(session);
    return session;
  }

  #announce(session: Session): void {
    session.open();
    if (session.state !== "open") return;
    try {
      this.#owner.session(session);
    } catch (error) {
      this.#report(error);
    }
    this._fire("connection", [session]);
  }

  #forget(session: Session): void {
    this.#sessions.delete(session.id);
    this.#leaving.delete(session);
    this.#heartbeats.remove(session);
  }

  #sessionContext(): SessionContext {
    return {
      options: this.#options,
      opening: new Opening(this.#options),
      clock: this.#runtime.clock,
      incoming: (info) => Object.assign(this.#runtime.createIncoming(info), { _query: { ...info.query } }),
      answered: (session) => this.#heartbeats.pong(session),
      heard: (session) => this.#heartbeats.heard(session),
      hearsFlushes: () => this._isHeard,
      flushed: (session, packets) => {
        this._fire("flush", [session, packets]);
        this._fire("drain", [session]);
      },
      leaving: (session) => this.#leaving.add(session),
      ended: (session) => this.#forget(session),
      error: (error) => this.#report(error),
    };
  }

  /** The last resort must not throw itself: hosts rely on it. */
  #report(error: unknown): void {
    try {
      this.#owner.error(error);
    } catch (second) {
      debug("onError threw: %o", second);
    }
  }
}
