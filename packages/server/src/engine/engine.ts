import type {
  HostHandler,
  HostRequest,
  HostResponse,
  Upgrade,
  WebSocketListener,
  WebSocketPeer,
} from "../host/host.ts";
import type { ConnectionInfo } from "./connection-info.ts";
import { corsHeaders, isPreflight, preflightResponse, type CorsOptions } from "./cors.ts";
import { debug } from "./debug.ts";
import type { EngineOptions, EngineRuntime } from "./engine-options.ts";
import { Heartbeats } from "./heartbeats.ts";
import { parseQuery, type Query } from "./query.ts";
import { Session, type SessionContext } from "./session.ts";
import { PollingTransport } from "./transport-polling.ts";
import { FrameEncoder, WebSocketTransport } from "./transport-websocket.ts";
import type { Transport } from "./transport.ts";
import {
  refuse,
  refuseClosed,
  type Refusal,
  refusalResponse,
  upgradeRefusalResponse,
  verify,
  verifyRevision,
} from "./verify.ts";

export interface EngineEvents {
  /** A session is open; its listener is to be set before this returns. */
  session(session: Session): void;
  refused?(refusal: Refusal, request: HostRequest): void;
  error(error: unknown): void;
}

const NORMAL = 1000;
/** For a WebSocket whose session ended while it was being accepted. */
const NOBODY: WebSocketListener = { message() {}, drain() {}, closed() {} };

/** Sessions by id: answers the host's requests, opens sessions, keeps their heartbeats. */
export class Engine implements HostHandler {
  readonly #options: EngineOptions;
  readonly #runtime: EngineRuntime;
  readonly #events: EngineEvents;
  readonly #sessions = new Map<string, Session>();
  readonly #heartbeats: Heartbeats;
  readonly #context: SessionContext;
  readonly #encoder = new FrameEncoder();
  #state: "open" | "closed" = "open";

  constructor(options: EngineOptions, runtime: EngineRuntime, events: EngineEvents) {
    this.#options = options;
    this.#runtime = runtime;
    this.#events = events;
    this.#heartbeats = new Heartbeats(runtime.clock, options);
    this.#context = {
      options,
      clock: runtime.clock,
      answered: (session) => this.#heartbeats.pong(session),
      ended: (session) => this.#forget(session),
      error: (error) => this.#report(error),
    };
  }

  /** Those in the middle of closing included. */
  get sessions(): ReadonlyMap<string, Session> {
    return this.#sessions;
  }

  get size(): number {
    return this.#sessions.size;
  }

  request(request: HostRequest): HostResponse | Promise<HostResponse> {
    const { cors } = this.#options;
    return cors ? this.#requestWithCors(request, cors) : this.#answer(request);
  }

  /** Nothing exists before the host has the WebSocket: an upgrade that breaks off on the way leaves nothing behind. */
  upgrade(request: HostRequest): Upgrade | Promise<Upgrade> {
    const query = parseQuery(request.query);
    const sid = query["sid"];
    const refusal = this.#verify(request, query, true);
    if (refusal) return this.#refuseUpgrade(refusal, request);
    if (sid) return { accept: true, open: (peer) => this.#openUpgrade(sid, peer, request) };
    const admitted = this.#admit(request, query);
    if (admitted instanceof Promise)
      return admitted.then((late) => this.#acceptUpgrade(request, query, late));
    return this.#acceptUpgrade(request, query, admitted);
  }

  /** Closes every session that the layer above left open, and refuses handshakes from now on. */
  close(): void {
    this.#state = "closed";
    for (const session of this.#sessions.values()) session.shutDown();
    this.#heartbeats.stop();
  }

  async #requestWithCors(request: HostRequest, cors: CorsOptions): Promise<HostResponse> {
    let headers: Record<string, string> | undefined;
    try {
      headers = await corsHeaders(cors, request);
    } catch (error) {
      this.#report(error);
      return this.#refuseRequest(refuse(3, { name: "MIDDLEWARE_FAILURE" }), request);
    }
    if (headers && isPreflight(request)) return preflightResponse(cors, request, headers);
    const response = await this.#answer(request);
    return headers ? { ...response, headers: { ...response.headers, ...headers } } : response;
  }

  #answer(request: HostRequest): HostResponse | Promise<HostResponse> {
    const query = parseQuery(request.query);
    const refusal = this.#verify(request, query, false);
    if (refusal) return this.#refuseRequest(refusal, request);
    const session = query["sid"] ? this.#sessions.get(query["sid"]) : undefined;
    if (session) return session.request(request);
    const admitted = this.#admit(request, query);
    if (admitted instanceof Promise)
      return admitted.then((late) => this.#acceptPolling(request, query, late));
    return this.#acceptPolling(request, query, admitted);
  }

  #verify(request: HostRequest, query: Query, isUpgrade: boolean): Refusal | undefined {
    const session = query["sid"] ? this.#sessions.get(query["sid"]) : undefined;
    return verify({ request, query, isUpgrade, transports: this.#options.transports, session });
  }

  /** The part of a handshake that the application decides. */
  #admit(request: HostRequest, query: Query): Refusal | undefined | Promise<Refusal | undefined> {
    const { allowRequest } = this.#options;
    if (this.#state === "closed") return refuseClosed();
    if (!allowRequest) return verifyRevision(query);
    try {
      const allowed = allowRequest(request);
      if (!(allowed instanceof Promise)) return verifyRevision(query);
      return allowed.then(() => (this.#state === "closed" ? refuseClosed() : verifyRevision(query)), forbid);
    } catch (error) {
      return forbid(error);
    }
  }

  #acceptPolling(
    request: HostRequest,
    query: Query,
    refusal: Refusal | undefined,
  ): HostResponse | Promise<HostResponse> {
    if (refusal) return this.#refuseRequest(refusal, request);
    const transport = new PollingTransport(this.#runtime.clock);
    const session = this.#create(transport, request, query);
    if (!session) return this.#refuseRequest(refuse(3, { name: "ID_GENERATION_ERROR" }), request);
    // The peer may have left already; then the session ends here, and nobody hears of it.
    const answer = transport.request(request);
    this.#announce(session);
    return answer;
  }

  #acceptUpgrade(request: HostRequest, query: Query, refusal: Refusal | undefined): Upgrade {
    if (refusal) return this.#refuseUpgrade(refusal, request);
    return { accept: true, open: (peer) => this.#openWebSocket(peer, request, query) };
  }

  #openWebSocket(peer: WebSocketPeer, request: HostRequest, query: Query): WebSocketListener {
    const transport = new WebSocketTransport(peer, this.#encoder);
    const session = this.#state === "open" ? this.#create(transport, request, query) : undefined;
    if (!session) {
      peer.close(NORMAL, "");
      return NOBODY;
    }
    this.#announce(session);
    return transport;
  }

  /** Refused, if it must be, by closing the WebSocket, as Engine.IO does: its clients take an HTTP error for a fault. */
  #openUpgrade(sid: string, peer: WebSocketPeer, request: HostRequest): WebSocketListener {
    const session = this.#sessions.get(sid);
    if (!session?.upgradable) {
      this.#tellRefused(
        refuse(3, { name: "UPGRADE_REFUSED", previousTransport: session?.transportName }),
        request,
      );
      peer.close(NORMAL, "");
      return NOBODY;
    }
    const transport = new WebSocketTransport(peer, this.#encoder);
    session.tryUpgrade(transport);
    return transport;
  }

  #create(transport: Transport, request: HostRequest, query: Query): Session | undefined {
    let id: string;
    try {
      id = this.#runtime.createId();
    } catch (error) {
      this.#report(error);
      return undefined;
    }
    const session = new Session(id, this.#describe(request, query), transport, this.#context);
    this.#sessions.set(id, session);
    this.#heartbeats.add(session);
    return session;
  }

  #announce(session: Session): void {
    session.open();
    if (session.state !== "open") return;
    try {
      this.#events.session(session);
    } catch (error) {
      this.#report(error);
    }
  }

  #describe(request: HostRequest, query: Query): ConnectionInfo {
    return {
      headers: request.headers,
      url: request.query === "" ? request.path : `${request.path}?${request.query}`,
      query,
      remoteAddress: request.remoteAddress,
      secure: request.secure,
      openedAt: this.#runtime.wallClock(),
    };
  }

  #forget(session: Session): void {
    this.#sessions.delete(session.id);
    this.#heartbeats.remove(session);
  }

  #refuseRequest(refusal: Refusal, request: HostRequest): HostResponse {
    this.#tellRefused(refusal, request);
    return refusalResponse(refusal);
  }

  #refuseUpgrade(refusal: Refusal, request: HostRequest): Upgrade {
    this.#tellRefused(refusal, request);
    return { accept: false, response: upgradeRefusalResponse(refusal) };
  }

  #tellRefused(refusal: Refusal, request: HostRequest): void {
    debug("refused: %s %j", refusal.message, refusal.context);
    try {
      this.#events.refused?.(refusal, request);
    } catch (error) {
      this.#report(error);
    }
  }

  /** The last resort must not throw itself: hosts rely on it. */
  #report(error: unknown): void {
    try {
      this.#events.error(error);
    } catch (second) {
      debug("onError threw: %o", second);
    }
  }
}

function forbid(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : typeof error === "string" ? error : undefined;
  return refuse(4, { error }, message);
}
