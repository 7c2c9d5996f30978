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
import { type Listener, Listeners } from "@bowline/protocol/internal";
import { checkOptions } from "#check";
import { openSession } from "../engine/open.ts";
import type { Session } from "../engine/session.ts";
import { type DisconnectDetails, type End, readOr, type TransportName } from "../engine/transport.ts";
import { resolveOptions } from "../options-resolve.ts";
import type { ManagerOptions, ResolvedOptions, SocketOptions } from "../options.ts";
import { isLocal } from "../url.ts";
import { backoffDelay } from "./backoff.ts";
import type { EngineInfo, ManagerEvents, ManagerState } from "./manager-state.ts";
import type { SocketLink, SocketLinkListener } from "./socket-link.ts";
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

/**
 * One connection, shared by the sockets of its namespaces, and made again when it is lost.
 *
 *   idle ─► connecting ──────► connected ── lost ──► waiting ── its time, connect(), online ──► connecting …
 *               └─── failed ─────────────────────────►┘
 *   closed: from all of them when the last socket leaves or reconnecting gave up; connect() leads out of it
 */
export class Manager {
  readonly #options: ResolvedOptions;
  readonly #events = new Listeners();
  readonly #sockets = new Map<string, Socket<EventMap, EventMap, Manager>>();
  /** The sockets that want the connection. */
  readonly #joined = new Map<string, SocketLinkListener>();
  #state: ManagerState = { name: "idle" };
  /** Undoes what entering the state did. */
  #leave: () => void = nothing;
  #connection: Connection | undefined;
  #stopNetwork: (() => void) | undefined;
  /** The transport that opened when the ones before it had failed: it goes first next time. */
  #preferred: TransportName | undefined;

  constructor(url?: string | ManagerOptions, options: ManagerOptions = {}) {
    this.#options = typeof url === "object" ? resolveOptions(undefined, url) : resolveOptions(url, options);
    if (this.#options.autoConnect) this.connect();
  }

  /** The same object until the state changes. */
  get state(): ManagerState {
    return this.#state;
  }

  get engine(): EngineInfo {
    const session = this.#connection?.session;
    const name = session?.transportName ?? (this.#order[0] as TransportName);
    return { id: session?.id, transport: { name } };
  }

  /** The namespace's socket, made at the first call. */
  socket<ListenEvents extends EventMap = DefaultEventMap, EmitEvents extends EventMap = ListenEvents>(
    nsp: string,
    options: SocketOptions = {},
  ): Socket<ListenEvents, EmitEvents, Manager> {
    checkOptions(options);
    const name = nsp[0] === "/" ? nsp : `/${nsp}`;
    let socket = this.#sockets.get(name);
    if (!socket) {
      socket = new Socket(this, name, options, (listener) => this.#link(name, listener));
      this.#sockets.set(name, socket);
    }
    if (this.#options.autoConnect) socket.connect();
    return socket as unknown as Socket<ListenEvents, EmitEvents, Manager>;
  }

  /** Whether the namespace has its socket here already. */
  has(nsp: string): boolean {
    return this.#sockets.has(nsp);
  }

  /** Connects unless it is connected or about to be; while it waits to reconnect, at once. */
  connect(): this {
    const state = this.#state;
    if (state.name === "waiting") this.#retry(state);
    else if (state.name === "idle" || state.name === "closed") this.#open(0);
    return this;
  }

  open(): this {
    return this.connect();
  }

  /** Ends the connection for all sockets; until `connect()`. */
  disconnect(): this {
    this.#close();
    return this;
  }

  on<Event extends keyof ManagerEvents>(event: Event, listener: ManagerEvents[Event]): this {
    this.#events.on(event, listener as Listener);
    return this;
  }

  once<Event extends keyof ManagerEvents>(event: Event, listener: ManagerEvents[Event]): this {
    this.#events.once(event, listener as Listener);
    return this;
  }

  off<Event extends keyof ManagerEvents>(event?: Event, listener?: ManagerEvents[Event]): this {
    this.#events.off(event, listener as Listener | undefined);
    return this;
  }

  #link(nsp: string, listener: SocketLinkListener): SocketLink {
    return {
      options: this.#options,
      join: () => {
        this.#joined.set(nsp, listener);
        if (this.#connection) listener.opened();
        else if (this.#state.name !== "waiting") this.connect();
      },
      leave: () => {
        this.#joined.delete(nsp);
        if (this.#joined.size === 0) this.#close();
      },
      session: () => this.#connection?.session,
      encode: (packet) => this.#options.codec.encode({ ...packet, namespace: nsp } as Packet),
    };
  }

  get #order(): readonly TransportName[] {
    const { transports } = this.#options;
    return this.#preferred ? [...new Set([this.#preferred, ...transports])] : transports;
  }

  /** The only one to assign the state; undoes what entering the old one did. */
  #enter(next: ManagerState, leave = nothing): void {
    this.#leave();
    this.#leave = leave;
    if (next.name === "closed") {
      this.#stopNetwork?.();
      this.#stopNetwork = undefined;
    } else this.#stopNetwork ??= this.#options.env.onNetwork((online) => this.#network(online));
    this.#tellState(next);
  }

  #tellState(state: ManagerState): void {
    this.#state = state;
    this.#fire("state", state);
  }

  #open(attempt: number): void {
    const abort = openSession(this.#options, this.#order, {
      opened: (session) => this.#opened(session, attempt),
      failed: (error) => this.#failed(error, attempt),
      frame: (frame) => this.#frame(frame),
      ping: () => this.#fire("ping"),
      upgraded: (transport) => {
        this.#preferred = undefined;
        this.#tellState({ name: "connected", transport });
      },
      closed: this.#lost,
    });
    this.#enter({ name: "connecting", attempt }, abort);
  }

  #opened(session: Session, attempt: number): void {
    const transport = session.transportName;
    const connection = { session, decoder: this.#options.codec.decoder(), attempt, isProven: false };
    this.#preferred = transport === this.#options.transports[0] ? undefined : transport;
    const isCurrent = (): boolean => this.#connection === connection;
    this.#connection = connection;
    this.#enter({ name: "connected", transport }, () => {
      this.#connection = undefined;
      session.close();
    });
    if (isCurrent()) this.#fire("open");
    this.#tell((listener) => isCurrent() && listener.opened());
    if (attempt > 0 && isCurrent()) this.#fire("reconnect", attempt);
  }

  #failed(error: RealtimeError, attempt: number): void {
    const gaveUp = this.#next("transport error", attempt + 1);
    this.#fire("error", error);
    this.#tell((listener) => listener.failed(error));
    if (attempt > 0) this.#fire("reconnect_error", error);
    if (gaveUp) this.#fire("reconnect_failed");
  }

  readonly #lost: End = (reason, description, context) => {
    const connection = this.#connection;
    // A balancer without sticky sessions, or a proxy, lets a session open and then breaks it. If that counted as a
    // success the client would hammer the server, and on the same transport for ever.
    const isBroken = connection && !connection.isProven;
    if (isBroken) this.#preferred = undefined;
    const gaveUp = this.#next(reason, isBroken ? connection.attempt + 1 : 1);
    this.#ended(reason, { description, context });
    if (gaveUp) this.#fire("reconnect_failed");
  };

  #close(): void {
    if (this.#state.name === "idle" || this.#state.name === "closed") return;
    const reason = "forced close";
    this.#enter({ name: "closed", reason });
    this.#ended(reason, { description: "closed by the client" });
  }

  #ended(reason: CloseReason, details: DisconnectDetails): void {
    this.#fire("close", reason, details);
    this.#tell((listener) => listener.closed(reason, details));
  }

  /** Waits for the next attempt, or closes; true when that was because there were too many. */
  #next(reason: ReconnectReason, attempt: number): boolean {
    const { env, reconnection, reconnectionAttempts } = this.#options;
    if (!reconnection || attempt > reconnectionAttempts) {
      this.#enter({ name: "closed", reason });
      return reconnection;
    }
    const delayMs = backoffDelay(attempt - 1, this.#options, env.random());
    const retryAt = env.wallClock() + delayMs;
    const waiting: Waiting = { name: "waiting", attempt, delayMs, retryAt, reason };
    const timer = env.setTimer(() => this.#retry(waiting), delayMs);
    this.#enter(waiting, () => env.clearTimer(timer));
    return false;
  }

  #retry(waiting: Waiting): void {
    if (this.#state === waiting) this.#fire("reconnect_attempt", waiting.attempt);
    // A listener may have disconnected, or connected.
    if (this.#state === waiting) this.#open(waiting.attempt);
  }

  #frame(frame: Frame): void {
    const connection = this.#connection;
    if (!connection) return;
    const packet = readOr(connection.session.lose, () => connection.decoder.push(frame));
    connection.isProven = true;
    if (packet) this.#joined.get(packet.namespace)?.packet(packet);
  }

  #network(online: boolean): void {
    const state = this.#state;
    const session = this.#connection?.session;
    if (online && state.name === "waiting") this.#retry(state);
    else if (online) session?.isAlive();
    else if (!isLocal(this.#options.origin)) {
      session?.lose("transport close", "network connection lost");
    }
  }

  /** Listeners may make sockets join and leave meanwhile. */
  #tell(how: (listener: SocketLinkListener) => void): void {
    for (const [nsp, listener] of [...this.#joined]) if (this.#joined.has(nsp)) how(listener);
  }

  #fire(event: keyof ManagerEvents, ...args: readonly unknown[]): void {
    this.#events.dispatch(event, args, (error) => this.#options.report(error, { stage: "manager", event }));
  }
}

function nothing(): void {}
