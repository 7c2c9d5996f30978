import type {
  CloseReason,
  DefaultEventMap,
  EventMap,
  Frame,
  Packet,
  RealtimeError,
  ReconnectReason,
} from "@bowline/protocol";
import type { Timer } from "@bowline/protocol/internal";
import { checkOptions } from "#check";
import { EXTRAS, HTTP, LEGACY, transportError } from "#extras";
import { resolveOptions } from "#options";
import { Session as ChosenSession } from "#session";
import { Emitter } from "../emitter.ts";
import type { Session } from "../engine/session.ts";
import { type DisconnectDetails, type End, nothing } from "../engine/transport.ts";
import { forgetWay } from "../engine/way.ts";
import type { PageEvent } from "../env.ts";
import type { ManagerOptions, ResolvedOptions, SocketOptions } from "../options.ts";
import { isLocal } from "../url.ts";
import { backoffDelay } from "./backoff.ts";
import type { ManagerEvents, ManagerState } from "./manager-state.ts";
import type { SocketLink, SocketLinkListener, Unaddressed } from "./socket-link.ts";
import { Socket } from "./socket.ts";

type Waiting = Extract<ManagerState, { name: "waiting" }>;

const PAGE_EVENTS: readonly PageEvent[] = [
  "online",
  "offline",
  "change",
  "visibilitychange",
  "pageshow",
  "resume",
  "pagehide",
];

/** Without a value it reads the option, with one it sets it for the next time. */
interface Setting<Value> {
  (): Value;
  (value: Value): Manager;
}

/**
 * One connection, shared by the sockets of its namespaces, and made again when it is lost.
 *
 *   idle ─► connecting ──────► connected ── lost ──► waiting ── its time, connect(), online ──► connecting …
 *               └─── failed ─────────────────────────►┘
 *   closed: from all of them when the last socket leaves or reconnecting gave up; connect() leads out of it
 */
export class Manager extends Emitter<object, ManagerEvents> implements SocketLink {
  /** With defaults filled in. What is changed here counts from the next connection on. */
  readonly opts: ResolvedOptions;
  /** As it was given. */
  readonly uri: string | undefined;
  /** The sockets by their namespaces. */
  readonly nsps: Record<string, Socket<EventMap, EventMap, Manager>> = {};
  /** The latest connection, or attempt; there is none before the first. */
  declare engine: Session;
  declare reconnection: Setting<boolean>;
  declare reconnectionAttempts: Setting<number>;
  declare reconnectionDelay: Setting<number>;
  declare reconnectionDelayMax: Setting<number>;
  declare randomizationFactor: Setting<number | undefined>;
  declare timeout: Setting<number | false>;
  /** @internal The connection, while there is one. */
  _session: Session | undefined;
  #state: ManagerState = { name: "idle" };
  /** Of the attempt that `waiting` is for. */
  #timer: Timer | undefined;
  #stopPage = nothing;
  /** The server has said something over the connection: it did not just open. */
  #isProven = false;

  constructor(url?: string | ManagerOptions, options: ManagerOptions = {}) {
    super();
    const [uri, given] = typeof url === "object" ? [undefined, url] : [url, options];
    this.uri = uri;
    this.opts = resolveOptions(uri, given);
    if (this.opts.autoConnect) this.connect();
  }

  /** The same object until the state changes. */
  get state(): ManagerState {
    return this.#state;
  }

  /** The namespace's socket, made at the first call. */
  socket<ListenEvents extends EventMap = DefaultEventMap, EmitEvents extends EventMap = ListenEvents>(
    nsp: string,
    options: SocketOptions = {},
  ): Socket<ListenEvents, EmitEvents, Manager> {
    checkOptions(options);
    const name = nsp[0] === "/" ? nsp : `/${nsp}`;
    const socket = (this.nsps[name] ??= new Socket(this, name, options));
    if (this.opts.autoConnect) socket.connect();
    return socket as unknown as Socket<ListenEvents, EmitEvents, Manager>;
  }

  /**
   * Connects unless it is connected or about to be; while it waits to reconnect, at once. With a callback, which gets
   * the error or nothing, a connection that cannot be made is not tried again.
   */
  connect(callback?: (error?: RealtimeError) => void): this {
    const state = this.#state;
    if (state.name === "waiting") this.#retry(state);
    else if (state.name === "idle" || state.name === "closed") this.#open(0, callback);
    return this;
  }

  /** The same as `connect`. */
  open(callback?: (error?: RealtimeError) => void): this {
    return this.connect(callback);
  }

  /** Ends the connection for all sockets; until `connect()`. */
  disconnect(): this {
    this.#close();
    return this;
  }

  /** @internal */
  override _failed(error: unknown, event: string): void {
    this.opts.report(error, { stage: "manager", event });
  }

  /** @internal */
  _join(socket: SocketLinkListener): void {
    if (this._session) socket._opened();
    else if (this.#state.name !== "waiting") this.connect();
  }

  /** @internal */
  _leave(): void {
    if (!Object.values(this.nsps).some(({ active }) => active)) this.#close();
  }

  /** @internal */
  _encode(nsp: string, packet: Unaddressed<Packet>): readonly Frame[] {
    return this.opts.codec.encode({ ...packet, namespace: nsp } as Packet);
  }

  /** What was for the state before goes with it. */
  #enter(next: ManagerState): void {
    const { env, closeOnBeforeunload } = this.opts;
    const hear = (event: PageEvent): void => this.#page(event);
    env.clearTimer(this.#timer);
    this.#stopPage();
    this.#stopPage =
      next.name === "closed"
        ? nothing
        : env.onPage(EXTRAS && closeOnBeforeunload ? [...PAGE_EVENTS, "beforeunload"] : PAGE_EVENTS, hear);
    if ("reason" in next) {
      this._session = undefined;
      this.engine.release();
    }
    this.#tellState(next);
  }

  #tellState(state: ManagerState): void {
    this.#state = state;
    this._fire("state", state);
    for (const { status } of Object.values(this.nsps)) status._changed();
  }

  #open(attempt: number, callback?: (error?: RealtimeError) => void): void {
    const decoder = this.opts.codec.decoder();
    const session: Session = new ChosenSession(this.opts, {
      opened: () => this.#opened(session, attempt, callback),
      failed: (error) => this.#failed(error, attempt, callback),
      frame: (frame) => {
        const packet = decoder.push(frame); // a throw ends the transport
        this.#isProven = true;
        if (!packet) return;
        if (LEGACY) this._fire("packet", packet);
        this.nsps[packet.namespace]?._receive(packet);
      },
      pinged: () => LEGACY && this._fire("ping"),
      upgraded: (transport) => this.#tellState({ name: "connected", transport }),
      closed: (...end) => this.#lost(attempt, ...end),
    });
    this.engine = session;
    this.#isProven = false;
    this.#enter({ name: "connecting", attempt });
  }

  #opened(session: Session, attempt: number, callback?: () => void): void {
    const isCurrent = (): boolean => this._session === session;
    this._session = session;
    this.#enter({ name: "connected", transport: session.transport.name });
    if (LEGACY && isCurrent()) this._fire("open");
    if (LEGACY) callback?.();
    this.#tell((listener) => isCurrent() && listener._opened());
    if (LEGACY && attempt > 0 && isCurrent()) this._fire("reconnect", attempt);
  }

  #failed(error: RealtimeError, attempt: number, callback?: (error: RealtimeError) => void): void {
    const gaveUp = this.#next("transport error", LEGACY && callback ? NaN : attempt + 1);
    if (LEGACY) this._fire("error", error);
    if (LEGACY) callback?.(error);
    this.#tell((listener) => listener._closed(error));
    if (LEGACY && attempt > 0) this._fire("reconnect_error", error);
    if (LEGACY && gaveUp) this._fire("reconnect_failed");
  }

  #lost(attempt: number, ...[reason, description, context]: Parameters<End>): void {
    // A balancer without sticky sessions, or a proxy, lets a session open and then breaks it. If that counted as a
    // success the client would hammer the server, and on the same transport for ever.
    const isUrgent = this.engine.blame(!this.#isProven);
    const gaveUp = this.#next(reason, this.#isProven ? 1 : attempt + 1, isUrgent);
    this.#ended(reason, { description, context });
    if (LEGACY && gaveUp) this._fire("reconnect_failed");
  }

  #close(): void {
    if (this.#state.name === "idle" || this.#state.name === "closed") return;
    const reason = "forced close";
    this.#leaveForGood();
    this.#enter({ name: "closed", reason });
    this.#ended(reason, { description: "closed by the client" });
  }

  #ended(reason: CloseReason, details: DisconnectDetails): void {
    if (LEGACY) this._fire("close", reason, details);
    const error = transportError(`${reason}: ${details.description}`, details.context);
    this.#tell((listener) => listener._closed(error, [reason, details]));
  }

  /** Waits for the next attempt, or closes, as it does for no number; true when that was because there were too many. */
  #next(reason: ReconnectReason, attempt: number, isUrgent?: boolean): boolean {
    const { env, reconnection, reconnectionAttempts } = this.opts;
    if (!reconnection || !(attempt <= reconnectionAttempts)) {
      this.#enter({ name: "closed", reason });
      return LEGACY && reconnection && attempt > 0;
    }
    const delayMs = isUrgent ? 0 : backoffDelay(attempt - 1, this.opts, env.random());
    const waiting: Waiting = {
      name: "waiting",
      attempt,
      delayMs,
      retryAt: env.wallClock() + delayMs,
      reason,
    };
    this.#enter(waiting);
    this.#timer = env.setTimer(() => this.#retry(waiting), delayMs);
    return false;
  }

  #retry(waiting: Waiting): void {
    if (LEGACY && this.#state === waiting) this._fire("reconnect_attempt", waiting.attempt);
    // A listener may have disconnected, or connected.
    if (this.#state === waiting) this.#open(waiting.attempt);
  }

  #page(event: PageEvent): void {
    const session = this._session;
    if (EXTRAS && event === "beforeunload") session?.transport.close();
    else if (event === "pagehide") this.#leaveForGood();
    else if (event === "offline") {
      if (isLocal(this.opts.origin)) return;
      // Which says nothing of the transport.
      this.#isProven = true;
      session?.lose("transport close", "network connection lost");
    } else {
      if (HTTP && (event === "online" || event === "change")) {
        forgetWay(this.opts);
        session?.tryUpgrade();
      }
      if (session?.isAlive()) this.#probe(session);
      else this.connect();
    }
  }

  /** A link that is dead would be noticed only when the server's ping does not come. */
  #probe(session: Session): void {
    if (Object.values(this.nsps).some((socket) => socket._probe())) session.expectLife();
  }

  /** Those that left before they were let in as well. */
  #leaveForGood(): void {
    for (const socket of Object.values(this.nsps)) socket._leaveForGood();
  }

  /** Listeners may make sockets join and leave meanwhile. */
  #tell(how: (listener: SocketLinkListener) => void): void {
    for (const socket of Object.values(this.nsps)) if (socket.active) how(socket);
  }
}

const SETTINGS = [
  "reconnection",
  "reconnectionAttempts",
  "reconnectionDelay",
  "reconnectionDelayMax",
  "randomizationFactor",
  "timeout",
] as const;
if (LEGACY) {
  for (const name of SETTINGS) {
    Object.assign(Manager.prototype, {
      [name](this: Manager, ...values: unknown[]): unknown {
        if (values.length === 0) return this.opts[name];
        Object.assign(this.opts, { [name]: values[0] });
        return this;
      },
    });
  }
}
