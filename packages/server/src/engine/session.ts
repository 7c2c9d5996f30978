import {
  type CloseReason,
  type EnginePacket,
  encodeHandshake,
  type Frame,
  RealtimeError,
} from "@bowline/protocol";
import type { Clock } from "@bowline/protocol/internal";
import type { HostRequest, HostResponse } from "../host/host.ts";
import type { ConnectionInfo } from "./connection-info.ts";
import { debug } from "./debug.ts";
import type { EngineOptions } from "./engine-options.ts";
import type { Beating } from "./heartbeats.ts";
import type { Transport, TransportListener, TransportName } from "./transport.ts";
import { Upgrade } from "./upgrade.ts";

/** The layer above. What it throws goes to `onError`; it never reaches the transport or the host. */
export interface SessionListener {
  message(frame: Frame): void;
  /** Exactly once, and last. */
  close(reason: CloseReason, cause?: unknown): void;
  /** `writable` became true. */
  drain?(): void;
  upgrade?(name: TransportName): void;
}

/** What a session needs of its engine. */
export interface SessionContext {
  readonly options: EngineOptions;
  readonly clock: Clock;
  /** The pong came. */
  answered(session: Session): void;
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

const PING: EnginePacket = { type: "ping", data: "" };
const DEAF: SessionListener = { message() {}, close() {} };

/**
 * One client, across its transports.
 *
 *     opening ── open packet sent ──► open ── close() ──► closing ── what was sent has left ──► closed
 *        └──── the peer left ───────────┴── the peer, the link or the heartbeat ended it ──────────┘
 *
 * opening: nobody knows of it yet. open: packets flow. closing: the listener was told; the transport hands over what
 * was sent before. closed: it is no longer among the engine's sessions.
 */
export class Session implements TransportListener, Beating {
  readonly id: string;
  readonly info: ConnectionInfo;
  listener: SessionListener = DEAF;
  readonly #context: SessionContext;
  #state: SessionState = "opening";
  #transport: Transport;
  #upgrade: Upgrade | undefined;

  constructor(id: string, info: ConnectionInfo, transport: Transport, context: SessionContext) {
    this.id = id;
    this.info = info;
    this.#context = context;
    this.#transport = transport;
    transport.listener = this;
  }

  get state(): SessionState {
    return this.#state;
  }

  get transportName(): TransportName {
    return this.#transport.name;
  }

  /** Whether what is sent now can leave now. */
  get writable(): boolean {
    return this.#state === "open" && this.#transport.writable;
  }

  /** Whether an upgrade may begin now. */
  get upgradable(): boolean {
    return this.#state === "open" && this.#upgrade === undefined && this.#upgrades().length > 0;
  }

  /** Does nothing unless the session is open. The order is kept across an upgrade. */
  send(packet: EnginePacket): void {
    if (this.#state === "open") this.#transport.send(packet);
  }

  /** Tells the listener at once; what was sent before still leaves. */
  close(reason: CloseReason = "forced close"): void {
    if (this.#state !== "open") return;
    this.#enter("closing");
    this.#tellClose(reason);
    this.#transport.close();
  }

  /** Called by the engine: the open packet leaves before anything else can. */
  open(): void {
    if (this.#state !== "opening") return;
    const { pingIntervalMs, pingTimeoutMs, maxPayload } = this.#context.options;
    this.#enter("open");
    const data = encodeHandshake({
      sid: this.id,
      upgrades: this.#upgrades(),
      pingInterval: pingIntervalMs,
      pingTimeout: pingTimeoutMs,
      maxPayload,
    });
    this.#transport.send({ type: "open", data });
  }

  /** Called by the engine with a request that names this session. */
  request(request: HostRequest): HostResponse | Promise<HostResponse> {
    return this.#transport.request?.(request) ?? { status: 400 };
  }

  ping(): void {
    this.send(PING);
  }

  dead(): void {
    if (this.#state === "open") this.#drop("ping timeout");
  }

  /** Called by the engine with a second transport, which may take over. */
  tryUpgrade(to: Transport): void {
    this.#upgrade = new Upgrade({
      from: this.#transport,
      to,
      clock: this.#context.clock,
      timeoutMs: this.#context.options.upgradeTimeoutMs,
      switched: () => this.#switch(to),
      failed: () => (this.#upgrade = undefined),
    });
  }

  /** Called by the engine when it closes: nothing waits for a peer that may come later. */
  shutDown(): void {
    this.close();
    // A WebSocket says goodbye by itself; a peer that is not polling right now cannot be told.
    if (this.#state === "closing" && this.#transport.request) this.#drop("forced close");
  }

  packet(packet: EnginePacket): void {
    if (this.#state !== "open") return;
    if (packet.type === "message") this.#tellMessage(packet.data);
    else if (packet.type === "pong") this.#context.answered(this);
    else if (packet.type === "ping") {
      // In this revision the server asks.
      this.#drop("transport error", new RealtimeError("bad_packet", "a ping from the client"));
    }
  }

  drain(): void {
    if (this.#state === "open" && this.listener.drain) this.#tell(() => this.listener.drain?.());
  }

  closed(reason: CloseReason, cause?: unknown): void {
    this.#finish(reason, cause);
  }

  #upgrades(): TransportName[] {
    const { allowUpgrades, transports } = this.#context.options;
    const canUpgrade =
      allowUpgrades && this.#transport.name === "polling" && transports.includes("websocket");
    return canUpgrade ? ["websocket"] : [];
  }

  #switch(to: Transport): void {
    const unsent = this.#transport.handOver();
    this.#upgrade = undefined;
    this.#transport = to;
    to.listener = this;
    for (const packet of unsent) to.send(packet);
    debug("%s upgraded to %s", this.id, to.name);
    if (this.#state === "closing") return to.close();
    this.#tell(() => this.listener.upgrade?.(to.name));
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
    this.#upgrade?.cancel("the session ended");
    this.#context.ended(this);
    if (last === "open") this.#tellClose(reason, cause);
  }

  /** Apart from `#tell` for want of a closure: it runs for every message. */
  #tellMessage(frame: Frame): void {
    try {
      this.listener.message(frame);
    } catch (error) {
      this.#context.error(error);
    }
  }

  #tellClose(reason: CloseReason, cause?: unknown): void {
    this.#tell(() => this.listener.close(reason, cause));
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
