import type { EnginePacket, Frame, Handshake, RealtimeError, ReconnectReason } from "@bowline/protocol";
import type { Timer } from "@bowline/protocol/internal";
import { EXTRAS, LEGACY, transportError } from "#extras";
import { Emitter } from "../emitter.ts";
import { type EngineOptions, LONGEST_DELAY, SIGN_OF_LIFE_MS } from "./engine-options.ts";
import { openTransport } from "./open.ts";
import {
  type DisconnectDetails,
  type End,
  type PausableTransport,
  type Transport,
  type TransportName,
  type UnderWay,
} from "./transport.ts";
import { startUpgrade } from "./upgrade.ts";
import { forgetWay, recallWay, rememberWay } from "./way.ts";

export interface SessionListener {
  opened(): void;
  /** Opening did not succeed; the error tells what became of each transport that was tried. */
  failed(error: RealtimeError): void;
  frame(frame: Frame): void;
  /** The server's heartbeat. */
  pinged(): void;
  /** The transport is another one now. */
  upgraded(to: TransportName): void;
  /** Once, and last. */
  closed: End;
}

/** What Engine.IO's client tells of itself. */
export interface SessionEvents {
  open: () => unknown;
  /** Came from the server. */
  packet: (packet: EnginePacket) => unknown;
  /** Will be sent to the server. */
  packetCreate: (packet: EnginePacket) => unknown;
  /** The data of a message from the server. */
  data: (frame: Frame) => unknown;
  /** The transport was given everything. */
  drain: () => unknown;
  upgrade: (transport: Transport) => unknown;
  close: (reason: ReconnectReason, details: DisconnectDetails) => unknown;
}

/**
 * One session with the server, from the first attempt on: handshake, heartbeat, queue, and the transport of the moment.
 *
 *   opening ── handshake ──► open ── close() ──► closing ── all sent ──► closed
 *      └──────── failed ──────┴──────── lost ───────┴─────── lost ─────────┘
 */
export class Session extends Emitter<object, SessionEvents> {
  /** A secret; while the session is open. */
  id: string | undefined;
  readyState: "opening" | "open" | "closing" | "closed" = "opening";
  declare transport: Transport;
  /** What no transport took yet. */
  writeBuffer: EnginePacket[] = [];
  /** The largest message that the server takes, in bytes. */
  maxPayload: number = Infinity;
  /** @internal What extensions the server speaks. */
  ext: Handshake["ext"];
  /** @internal No other transport was left when this one opened. */
  declare isLast: boolean;
  readonly opts: EngineOptions;
  #listener: SessionListener | undefined;
  /** The opening, then what moves up. */
  #underWay: UnderWay | undefined;
  /** The server pings in time or is dead. */
  #patience = Infinity;
  /** The same, but less while a sign of life is awaited that was asked for; counts from `#since`. */
  #limitMs = Infinity;
  #since = 0;
  #timer: Timer | undefined;
  /** Something was sent, and `drain` did not fire since. */
  #isFilled = false;

  /** @internal Made by the manager. */
  constructor(options: EngineOptions, listener: SessionListener) {
    super();
    this.opts = options;
    this.#listener = listener;
    this.#underWay = openTransport(options, this);
  }

  /** @internal Whether what is sent now leaves now. */
  get idle(): boolean {
    return this.transport.idle && this.writeBuffer.length === 0;
  }

  /**
   * @internal
   * Whether the session may still be used. A machine that slept may not have run the timer yet, and would send into a
   * connection that the server has given up, so who is about to send asks first.
   */
  isAlive(): boolean {
    if (this.opts.env.wallClock() - this.#since > this.#limitMs) this.#dead();
    return this.readyState === "open";
  }

  /** @internal The server was asked for a sign of life: without one the session ends soon. */
  expectLife(): void {
    if (this.#limitMs > SIGN_OF_LIFE_MS) this.#expire(SIGN_OF_LIFE_MS);
  }

  /** @internal */
  send(frames: readonly Frame[]): void {
    if (this.readyState === "open") this.#send(frames.map((data) => ({ type: "message", data })));
  }

  /** Sends what is queued, then ends. */
  close(): this {
    const { readyState, opts, transport } = this;
    if (readyState === "opening") this.#closed();
    else if (readyState === "open") {
      this.readyState = "closing";
      this.#setTimer(() => this.#closed(), opts.transportTimeout);
      this.#send(transport.name === "websocket" ? [] : [{ type: "close", data: "" }]);
    }
    return this;
  }

  /**
   * @internal
   * It was lost; whether the next one is to be tried at once. When the server said nothing over it (`isBroken`), as if
   * a proxy knew no better, others are, if there are any: a WebSocket goes behind them, and is reached by moving up.
   */
  blame(isBroken: boolean): boolean {
    if (!isBroken) return this.#limitMs < this.#patience;
    const isBlamed = !this.isLast && this.transport.name === "websocket";
    const [until, tookMs, ...order] = recallWay(this.opts);
    const others = order.filter((name) => name !== "websocket");
    if (isBlamed) rememberWay(this.opts, until, tookMs, ...others, "websocket");
    else forgetWay(this.opts);
    return isBlamed;
  }

  /** @internal Moves up to a WebSocket, if that is what it waits for. */
  tryUpgrade(): void {
    this.#underWay?.again?.();
  }

  /** @internal The same as `close`, and the listener is told no more. */
  release(): void {
    this.#listener = undefined;
    this.close();
  }

  /** @internal Ends at once. */
  readonly lose: End = (reason, description, context) => {
    const { readyState, opts } = this;
    if (readyState === "closed") return;
    this.readyState = "closed";
    this.id = undefined;
    opts.env.clearTimer(this.#timer);
    this.transport.close();
    this.#underWay?.cancel();
    if (readyState === "opening" && reason !== "forced close") {
      const to = opts.origin + opts.path;
      this.#listener?.failed(transportError(`cannot connect to ${to} (${description})`, context));
    } else {
      if (LEGACY) this._fire("close", reason, { description, context });
      this.#listener?.closed(reason, description, context);
    }
  };

  /** @internal The server shook hands, over what is the transport now. */
  opened(handshake: Handshake): void {
    const { sid, upgrades, pingInterval, pingTimeout, maxPayload, ext } = handshake;
    const { upgrade, transports } = this.opts;
    const from = this.transport;
    this.readyState = "open";
    this.id = sid;
    this.maxPayload = maxPayload;
    this.ext = ext;
    this.#patience = Math.min(pingInterval + pingTimeout, LONGEST_DELAY);
    this.#expire(this.#patience);
    const isOffered = upgrades.includes("websocket") && transports.includes("websocket");
    const isUpgradable = upgrade && isOffered && from.name !== "websocket";
    from.listener = this;
    this.#underWay = isUpgradable
      ? startUpgrade(this.opts, from as PausableTransport, sid, (to) => this.#moveUp(to))
      : undefined;
    if (LEGACY) this._fire("open");
    if (this.isAlive()) this.#listener?.opened();
  }

  /** @internal */
  receive(packet: EnginePacket): void {
    const { type, data } = packet;
    if (this.readyState !== "open") return;
    if (type === "ping" || this.#limitMs < this.#patience) this.#expire(this.#patience);
    if (LEGACY) this._fire("packet", packet);
    if (type === "message") {
      if (LEGACY) this._fire("data", data);
      this.#listener?.frame(data);
    }
    if (type === "close") this.lose("transport close", "closed by the server");
    if (type === "ping") {
      this.#send([{ type: "pong", data: "" }]);
      this.#listener?.pinged();
    }
  }

  /** @internal The transport takes what waits. */
  drain(): void {
    const { transport, writeBuffer } = this;
    if (writeBuffer.length > 0 && transport.writable) writeBuffer.splice(0, transport.send(writeBuffer));
    if (!transport.writable) return;
    if (this.readyState === "closing") this.#closed();
    // Later, because who waits for it begins to after it sent; once for all that one turn sends.
    else if (LEGACY) {
      queueMicrotask(() => {
        if (!this.#isFilled || !transport.writable) return;
        this.#isFilled = false;
        this._fire("drain");
      });
    }
  }

  /** @internal */
  override _failed(error: unknown, event: string): void {
    this.opts.report(error, { stage: "manager", event });
  }

  #closed(): void {
    this.lose("forced close", "closed by the client");
  }

  #moveUp(to: Transport): void {
    const { opts, transport } = this;
    forgetWay(opts);
    if (EXTRAS && opts.rememberUpgrade) {
      const [until, tookMs, ...order] = recallWay(opts);
      rememberWay(opts, until, tookMs, to.name, ...order.filter((each) => each !== to.name));
    }
    transport.close();
    this.transport = to;
    to.listener = this;
    if (LEGACY) this._fire("upgrade", to);
    this.drain();
    if (this.readyState === "open") this.#listener?.upgraded(to.name);
  }

  #send(packets: readonly EnginePacket[]): void {
    for (const packet of packets) {
      if (LEGACY) this._fire("packetCreate", packet);
      this.#isFilled = true;
      this.writeBuffer.push(packet);
    }
    this.drain();
  }

  #expire(afterMs: number): void {
    this.#limitMs = afterMs;
    this.#since = this.opts.env.wallClock();
    this.#setTimer(() => this.#dead(), afterMs);
  }

  #dead(): void {
    this.lose("ping timeout", `no sign of life within ${this.#limitMs} ms`);
  }

  #setTimer(run: () => void, afterMs: number): void {
    this.opts.env.clearTimer(this.#timer);
    this.#timer = this.opts.env.setTimer(run, afterMs);
  }
}
