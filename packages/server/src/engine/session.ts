import {
  type CloseReason,
  type EnginePacket,
  type EventName,
  type Frame,
  RealtimeError,
} from "@bowline/protocol";
import { type Clock, contain, type Listener } from "@bowline/protocol/internal";
import { Emitter } from "../emitter.ts";
import type { HostRequest, HostResponse, IncomingMessage } from "../host/host.ts";
import type { ConnectionInfo } from "./connection-info.ts";
import { debug } from "./debug.ts";
import { type EngineOptions, upgradesOf } from "./engine-options.ts";
import type { EngineIncoming } from "./incoming.ts";
import type { Opening } from "./opening.ts";
import type { Query } from "./query.ts";
import type { SessionEvents, WriteCallback, WriteOptions } from "./session-events.ts";
import { DEAF, type SessionListener } from "./session-listener.ts";
import { STREAM_OVER } from "./sse-answer.ts";
import type { OutgoingPacket, Transport, TransportName } from "./transport.ts";
import { Upgrade } from "./upgrade.ts";

/** What a session needs of its engine. */
export interface SessionContext {
  readonly options: EngineOptions;
  readonly opening: Opening;
  readonly clock: Clock;
  /** The pong came. */
  answered(session: Session): void;
  /** Something else came, the first after a ping. */
  heard(session: Session): void;
  /** The request as node:http has it, for a session that has no such object yet. */
  incoming(info: ConnectionInfo): EngineIncoming;
  /** Whether somebody may listen to the engine for what leaves: `flush`, `drain`. */
  hearsFlushes(): boolean;
  flushed(session: Session, packets: readonly OutgoingPacket[]): void;
  /** The peer can hear nothing more of it: it no longer counts. */
  leaving(session: Session): void;
  /** Nothing is left of the session: it may be forgotten. */
  ended(session: Session): void;
  error(error: unknown): void;
}

export type SessionState = "opening" | "open" | "closing" | "closed";

const NEXT: Readonly<Record<SessionState, readonly SessionState[]>> = {
  opening: ["open", "closed"],
  open: ["closing", "closed"],
  closing: ["closed"],
  closed: [],
};

export interface SessionOrigin {
  readonly id: string;
  readonly info: ConnectionInfo;
  /** The request, where there is such an object already. */
  readonly incoming: IncomingMessage | undefined;
}

const PING: EnginePacket = { type: "ping", data: "" };

/**
 * One client, across its transports; what Socket.IO calls `socket.conn`, with the members and events of Engine.IO's
 * Socket.
 *
 *     opening ── open packet sent ──► open ── close() ──► closing ── what was sent has left ──► closed
 *        └──── the peer left ───────────┴── the peer, the link or the heartbeat ended it ──────────┘
 *
 * opening: nobody knows of it yet. open: packets flow. closing: the listener was told; the transport hands over what
 * was sent before. closed: it is no longer among the engine's sessions.
 */
// A TransportListener and Beating, which cannot be said here: those methods are internal, and not in the declarations.
export class Session extends Emitter<SessionEvents> {
  readonly id: string;
  /** @internal */
  readonly info: ConnectionInfo;
  /** @internal The layer above. */
  listener: SessionListener = DEAF;
  readonly #context: SessionContext;
  #state: SessionState = "opening";
  #transport: Transport;
  /** One that is under way, or from where it moved up. */
  #upgrade: Upgrade | TransportName | undefined;
  #request: IncomingMessage | null | undefined;
  /** A ping is out, and nothing came since. */
  #mayBeHeard = false;

  /** @internal Engines make sessions. */
  constructor({ id, info, incoming }: SessionOrigin, transport: Transport, context: SessionContext) {
    super();
    this.id = id;
    this.info = info;
    this.#request = incoming;
    this.#context = context;
    this.#transport = transport;
    transport.listener = this;
  }

  /** @internal What users get of it. */
  get conn(): this {
    return this;
  }

  /** @internal */
  get state(): SessionState {
    return this.#state;
  }

  /** Of Engine.IO's protocol. */
  get protocol(): 4 {
    return 4;
  }

  get readyState(): SessionState {
    // A WebSocket closes by itself; there is nothing to wait for that anybody could see.
    return this.#state === "closing" && !this.#transport.request ? "closed" : this.#state;
  }

  get transport(): Transport {
    return this.#transport;
  }

  /** Whether it was born on another transport than it is on. */
  get upgraded(): boolean {
    return this.movedFrom !== undefined;
  }

  /** @internal */
  get movedFrom(): TransportName | undefined {
    return typeof this.#upgrade === "string" ? this.#upgrade : undefined;
  }

  get upgrading(): boolean {
    return typeof this.#upgrade === "object";
  }

  get remoteAddress(): string {
    return this.info.remoteAddress;
  }

  /** The request that opened it. May be set, to null for one, if nobody needs it: it is large. */
  // As Engine.IO types it: so a cast to a request with a session of Express is one.
  get request(): IncomingMessage {
    // Null is what somebody made of it.
    if (this.#request === undefined) this.#request = this.#context.incoming(this.info);
    return this.#request as IncomingMessage;
  }

  set request(request: IncomingMessage | null) {
    this.#request = request;
  }

  /** @internal */
  get transportName(): TransportName {
    return this.#transport.name;
  }

  /** @internal Whether what is sent now can leave now. */
  get writable(): boolean {
    return this.#state === "open" && this.#transport.writable;
  }

  /** @internal Whether its open packet offered anything beyond Engine.IO. */
  get offers(): boolean {
    return this.#context.options.extensions !== undefined;
  }

  /** @internal Bytes that were sent and did not leave yet. */
  get bufferedAmount(): number {
    return this.#transport.bufferedAmount;
  }

  /** @internal What waits for the end of the turn leaves now, as far as the peer takes it. */
  flush(): void {
    this.#transport.flush?.();
  }

  /** @internal Whether an upgrade may begin now. */
  get upgradable(): boolean {
    return this.#state === "open" && this.#upgrade === undefined && this.#upgrades().length > 0;
  }

  /** Sends a message. `callback` is called when it has left. */
  send(data: Frame, options?: WriteOptions | WriteCallback | null, callback?: WriteCallback): this {
    const done = typeof options === "function" ? options : callback;
    const compress = typeof options === "object" && options !== null ? options.compress !== false : true;
    this.sendPacket({
      type: "message",
      data,
      options: { compress, ...(done && { sent: () => this.#tellSent(done) }) },
    });
    return this;
  }

  /** The same. */
  write(data: Frame, options?: WriteOptions | WriteCallback | null, callback?: WriteCallback): this {
    return this.send(data, options, callback);
  }

  /** Tells its listeners, as on any emitter. */
  emit(event: EventName, ...args: readonly unknown[]): boolean {
    return this._fire(event, args);
  }

  /** @internal Does nothing unless the session is open. The order is kept across an upgrade. */
  sendPacket(packet: OutgoingPacket): void {
    if (this.#state !== "open") return;
    if (!this._isHeard && !this.#context.hearsFlushes()) this.#transport.send(packet);
    else this.#sendHeard(packet);
  }

  /** Tells the listeners at once; what was sent before still leaves, unless it is to be discarded. */
  close(discard = false): this {
    if (this.#state === "open") {
      this.#enter("closing");
      if (!this.#transport.request) this.#context.leaving(this);
      this.#tellClose("forced close");
      this.#transport.close();
    }
    // A WebSocket says goodbye by itself; a peer that is not polling right now cannot be told.
    if (discard && this.#state === "closing" && this.#transport.request) this.#drop("forced close");
    return this;
  }

  /** @internal The client has another link: this one is cut at once. */
  abandon(): void {
    if (this.#state === "open" || this.#state === "closing") this.#drop("forced close");
  }

  /** @internal Called by the engine: the open packet leaves before anything else can. */
  open(): void {
    if (this.#state !== "opening") return;
    const { opening, options } = this.#context;
    const { initialPacket } = options;
    this.#enter("open");
    this.#transport.send({ type: "open", data: opening.data(this.id, this.#transport.name) });
    if (initialPacket !== undefined) this.#transport.send({ type: "message", data: initialPacket });
  }

  /** @internal Called by the engine with a request that names this session. */
  answer(request: HostRequest, query: Query): HostResponse | Promise<HostResponse> {
    // A GET for the stream that was on its way when there was none any more.
    if (this.#transport.name !== query["transport"]) return STREAM_OVER;
    return this.#transport.request?.(request, query) ?? { status: 400 };
  }

  /** @internal Called by the heartbeats, as the next. */
  ping(): void {
    this.#mayBeHeard = true;
    this.sendPacket(PING);
  }

  /** @internal */
  dead(): void {
    if (this.#state === "open") this.#drop("ping timeout");
  }

  /** @internal Called by the engine with a second transport, which may take over. */
  tryUpgrade(to: Transport): void {
    this.#upgrade = new Upgrade({
      from: this.#transport,
      to,
      clock: this.#context.clock,
      timeoutMs: this.#context.options.upgradeTimeoutMs,
      probed: () => this._fire("upgrading", [to]),
      switched: () => this.#switch(to),
      failed: () => (this.#upgrade = undefined),
    });
  }

  /** @internal Called by the transport, as those that follow. */
  packet(packet: EnginePacket): void {
    if (this.#state !== "open") return;
    if (this._isHeard) this._fire("packet", [packet]);
    if (this.#mayBeHeard) {
      this.#mayBeHeard = false;
      if (packet.type !== "pong") this.#context.heard(this);
    }
    if (packet.type === "message") this.#tellMessage(packet.data);
    else if (packet.type === "pong") this.#answered();
    else if (packet.type === "ping") {
      // In this revision the server asks.
      this.#drop("transport error", new RealtimeError("bad_packet", "a ping from the client"));
    }
  }

  /** @internal */
  drain(): void {
    if (this.#state === "open" && this.listener.drain) this.#tell(() => this.listener.drain?.());
  }

  /** @internal Only from a transport whose packets wait; over the others each leaves at once. */
  flushed(packets: readonly OutgoingPacket[]): void {
    if (this._isHeard) {
      this._fire("flush", [packets]);
      this._fire("drain", []);
    }
    if (this.#context.hearsFlushes()) this.#context.flushed(this, packets);
  }

  /** @internal */
  closed(reason: CloseReason, cause?: unknown): void {
    this.#finish(reason, cause);
  }

  /** @internal */
  _listenerFailed(error: unknown): void {
    this.#context.error(error);
  }

  #sendHeard(packet: OutgoingPacket): void {
    this._fire("packetCreate", [packet]);
    // A listener may have closed it.
    if (this.#state !== "open") return;
    this.#transport.send(packet);
    if (!this.#transport.request) this.flushed([packet]);
  }

  #tellSent(callback: WriteCallback): void {
    contain(callback as Listener, [this.#transport], (error) => this.#context.error(error));
  }

  #answered(): void {
    this.#context.answered(this);
    if (this._isHeard) this._fire("heartbeat", []);
  }

  #upgrades(): TransportName[] {
    return upgradesOf(this.#context.options, this.#transport.name);
  }

  #switch(to: Transport): void {
    const unsent = this.#transport.handOver();
    this.#upgrade = this.#transport.name;
    this.#transport = to;
    to.listener = this;
    for (const packet of unsent) to.send(packet);
    debug("%s upgraded to %s", this.id, to.name);
    if (this.#state === "closing") return to.close();
    this.#tell(() => this.listener.upgrade?.(to.name));
    this._fire("upgrade", [to]);
    if (to.writable) this.drain();
  }

  /** It is we who give the peer up. */
  #drop(reason: CloseReason, cause?: unknown): void {
    this.#transport.discard();
    this.#finish(reason, cause);
  }

  #finish(reason: CloseReason, cause: unknown): void {
    const last = this.#state;
    if (last === "closed") return;
    this.#enter("closed");
    if (typeof this.#upgrade === "object") this.#upgrade.cancel("the session ended");
    this.#context.ended(this);
    if (last === "open") this.#tellClose(reason, cause);
  }

  /** Apart from `#tell` for want of a closure: it runs for every message. */
  #tellMessage(frame: Frame): void {
    // Before anything that the message may bring about, answers to it among them.
    if (this._isHeard) {
      this._fire("data", [frame]);
      this._fire("message", [frame]);
    }
    try {
      this.listener.message(frame);
    } catch (error) {
      this.#context.error(error);
    }
  }

  #tellClose(reason: CloseReason, cause?: unknown): void {
    this.#tell(() => this.listener.close(reason, cause));
    this._fire("close", [reason, cause]);
  }

  #tell(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#context.error(error);
    }
  }

  #enter(next: SessionState): void {
    if (!NEXT[this.#state].includes(next)) throw new Error(`session: ${this.#state} -> ${next}`);
    debug("%s %s -> %s", this.id, this.#state, next);
    this.#state = next;
  }
}
