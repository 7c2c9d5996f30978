import type {
  CloseReason,
  Decoder,
  DefaultEventMap,
  EventMap,
  Frame,
  Packet,
  RealtimeError,
  ReconnectReason,
} from "@bowline/protocol";
import { checkOptions } from "#check";
import { EXTRAS, HTTP, transportError } from "#extras";
import { Emitter } from "../emitter.ts";
import { Session } from "../engine/session.ts";
import { type DisconnectDetails, type End, nothing, readOr } from "../engine/transport.ts";
import { forgetWay } from "../engine/way.ts";
import type { PageEvent } from "../env.ts";
import { resolveOptions } from "../options-resolve.ts";
import type { ManagerOptions, ResolvedOptions, SocketOptions } from "../options.ts";
import { isLocal } from "../url.ts";
import { backoffDelay } from "./backoff.ts";
import type { ManagerEvents, ManagerState } from "./manager-state.ts";
import type { SocketLink, SocketLinkListener, Unaddressed } from "./socket-link.ts";
import { Socket } from "./socket.ts";

type Waiting = Extract<ManagerState, { name: "waiting" }>;

/** What there is while the state is `connected`. */
interface Connection {
  readonly session: Session;
  readonly decoder: Decoder;
  /** Of the `connecting` before. */
  readonly attempt: number;
  /** The server has said something: the connection did not just open. */
  isProven: boolean;
}

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
  #state: ManagerState = { name: "idle" };
  /** Undoes what entering the state did. */
  #leave: () => void = nothing;
  #connection: Connection | undefined;
  #stopPage: (() => void) | undefined;

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
    if (this.#connection) socket._opened();
    else if (this.#state.name !== "waiting") this.connect();
  }

  /** @internal */
  _leave(): void {
    if (!Object.values(this.nsps).some(({ active }) => active)) this.#close();
  }

  /** @internal */
  get _session(): Session | undefined {
    return this.#connection?.session;
  }

  /** @internal */
  _encode(nsp: string, packet: Unaddressed<Packet>): readonly Frame[] {
    return this.opts.codec.encode({ ...packet, namespace: nsp } as Packet);
  }

  /** The only one to assign the state; undoes what entering the old one did. */
  #enter(next: ManagerState, leave = nothing): void {
    this.#leave();
    this.#leave = leave;
    if (next.name === "closed") {
      this.#stopPage?.();
      this.#stopPage = undefined;
    } else {
      const events: PageEvent[] = [
        "online",
        "offline",
        "change",
        "visibilitychange",
        "pageshow",
        "resume",
        "pagehide",
      ];
      if (EXTRAS && this.opts.closeOnBeforeunload) events.push("beforeunload");
      this.#stopPage ??= this.opts.env.onPage(events, (event) => this.#page(event));
    }
    this.#tellState(next);
  }

  #tellState(state: ManagerState): void {
    this.#state = state;
    this._fire("state", state);
    for (const { status } of Object.values(this.nsps)) status._changed();
  }

  #open(attempt: number, callback?: (error?: RealtimeError) => void): void {
    const session = new Session(this.opts, {
      opened: () => this.#opened(session, attempt, callback),
      failed: (error) => this.#failed(error, attempt, callback),
      frame: (frame) => this.#frame(frame),
      pinged: () => this._fire("ping"),
      upgraded: (transport) => this.#tellState({ name: "connected", transport }),
      closed: this.#lost,
    });
    this.engine = session;
    this.#enter({ name: "connecting", attempt }, () => session.release());
  }

  #opened(session: Session, attempt: number, callback?: () => void): void {
    const transport = session.transport.name;
    const connection = { session, decoder: this.opts.codec.decoder(), attempt, isProven: false };
    const isCurrent = (): boolean => this.#connection === connection;
    this.#leave = nothing;
    this.#connection = connection;
    this.#enter({ name: "connected", transport }, () => {
      this.#connection = undefined;
      session.release();
    });
    if (isCurrent()) this._fire("open");
    callback?.();
    this.#tell((listener) => isCurrent() && listener._opened());
    if (attempt > 0 && isCurrent()) this._fire("reconnect", attempt);
  }

  #failed(error: RealtimeError, attempt: number, callback?: (error: RealtimeError) => void): void {
    const reason = "transport error";
    if (callback) this.#enter({ name: "closed", reason });
    const gaveUp = !callback && this.#next(reason, attempt + 1);
    this._fire("error", error);
    callback?.(error);
    this.#tell((listener) => listener._closed(error));
    if (attempt > 0) this._fire("reconnect_error", error);
    if (gaveUp) this._fire("reconnect_failed");
  }

  readonly #lost: End = (reason, description, context) => {
    const connection = this.#connection;
    // A balancer without sticky sessions, or a proxy, lets a session open and then breaks it. If that counted as a
    // success the client would hammer the server, and on the same transport for ever.
    const isBroken = !!connection && !connection.isProven;
    const isUrgent = connection?.session.blame(isBroken);
    const gaveUp = this.#next(reason, isBroken ? connection.attempt + 1 : 1, isUrgent);
    this.#ended(reason, { description, context });
    if (gaveUp) this._fire("reconnect_failed");
  };

  #close(): void {
    if (this.#state.name === "idle" || this.#state.name === "closed") return;
    const reason = "forced close";
    this.#leaveForGood();
    this.#enter({ name: "closed", reason });
    this.#ended(reason, { description: "closed by the client" });
  }

  #ended(reason: CloseReason, details: DisconnectDetails): void {
    this._fire("close", reason, details);
    const error = transportError(`${reason}: ${details.description}`, details.context);
    this.#tell((listener) => listener._closed(error, [reason, details]));
  }

  /** Waits for the next attempt, or closes; true when that was because there were too many. */
  #next(reason: ReconnectReason, attempt: number, isUrgent?: boolean): boolean {
    const { env, reconnection, reconnectionAttempts } = this.opts;
    if (!reconnection || attempt > reconnectionAttempts) {
      this.#enter({ name: "closed", reason });
      return reconnection;
    }
    const delayMs = isUrgent ? 0 : backoffDelay(attempt - 1, this.opts, env.random());
    const retryAt = env.wallClock() + delayMs;
    const waiting: Waiting = { name: "waiting", attempt, delayMs, retryAt, reason };
    const timer = env.setTimer(() => this.#retry(waiting), delayMs);
    this.#enter(waiting, () => env.clearTimer(timer));
    return false;
  }

  #retry(waiting: Waiting): void {
    if (this.#state === waiting) this._fire("reconnect_attempt", waiting.attempt);
    // A listener may have disconnected, or connected.
    if (this.#state === waiting) this.#open(waiting.attempt);
  }

  #frame(frame: Frame): void {
    const connection = this.#connection;
    if (!connection) return;
    const packet = readOr(connection.session.lose, () => connection.decoder.push(frame));
    connection.isProven = true;
    if (!packet) return;
    this._fire("packet", packet);
    const socket = this.nsps[packet.namespace];
    socket?._receive(packet);
  }

  #page(event: PageEvent): void {
    const session = this._session;
    if (EXTRAS && event === "beforeunload") session?.transport.close();
    else if (event === "pagehide") this.#leaveForGood();
    else if (event === "offline") {
      if (isLocal(this.opts.origin)) return;
      // Which says nothing of the transport.
      if (this.#connection) this.#connection.isProven = true;
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

for (const name of [
  "reconnection",
  "reconnectionAttempts",
  "reconnectionDelay",
  "reconnectionDelayMax",
  "randomizationFactor",
  "timeout",
] as const) {
  Object.assign(Manager.prototype, {
    [name](this: Manager, ...values: unknown[]): unknown {
      if (values.length === 0) return this.opts[name];
      Object.assign(this.opts, { [name]: values[0] });
      return this;
    },
  });
}
