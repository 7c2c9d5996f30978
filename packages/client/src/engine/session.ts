import type { EnginePacket, Frame, Handshake, RealtimeError, ReconnectReason } from "@bowline/protocol";
import type { Timer } from "@bowline/protocol/internal";
import { EXTRAS, HTTP } from "#extras";
import { Emitter } from "../emitter.ts";
import { type EngineOptions, LONGEST_DELAY } from "./engine-options.ts";
import { openWebSocket } from "./open-websocket.ts";
import { openTransport } from "./open.ts";
import {
  type DisconnectDetails,
  type End,
  type PausableTransport,
  type Transport,
  type TransportName,
} from "./transport.ts";
import { startUpgrade, type Upgrade } from "./upgrade.ts";
import { blameWebSocket, forgetWay, recallWay, rememberWay } from "./way.ts";

/** How long the server's sign of life may take. */
const SIGN_OF_LIFE_MS = 2000;

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
  readonly opts: EngineOptions;
  #listener: SessionListener | undefined;
  /** The server pings in time or is dead. */
  #patience = Infinity;
  /** Undoes the opening, or the upgrade, that is under way. */
  #abort: () => void;
  #upgrade: Upgrade | undefined;
  /** No other transport was left when this one opened. */
  #isLast = false;
  #heardAt = 0;
  /** Everything was given to the transport, and `drain` is about to say so. */
  #isDrained = false;
  #timer: Timer | undefined;
  /** A sign of life is awaited. */
  #isAsked = false;

  /** @internal Made by the manager. */
  constructor(options: EngineOptions, listener: SessionListener) {
    super();
    this.opts = options;
    this.#listener = listener;
    this.#abort = (HTTP ? openTransport : openWebSocket)(options, {
      trying: (transport) => (this.transport = transport),
      opened: (handshake, transport, isLast) => {
        this.#isLast = isLast;
        this.#opened(handshake, transport);
      },
      failed: (error) => {
        this.readyState = "closed";
        this.#listener?.failed(error);
      },
    });
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
    if (this.opts.env.wallClock() - this.#heardAt > this.#patience) this.#dead(this.#patience);
    return this.readyState === "open";
  }

  /** @internal The server was asked for a sign of life: without one the session ends soon. */
  expectLife(): void {
    if (!this.#isAsked) this.#expire(SIGN_OF_LIFE_MS);
    this.#isAsked = true;
  }

  /** @internal */
  send(frames: readonly Frame[]): void {
    if (this.readyState !== "open") return;
    for (const data of frames) this.#push({ type: "message", data });
    this.#flush();
  }

  /** Sends what is queued, then ends. */
  close(): this {
    const { readyState, opts } = this;
    if (readyState === "opening") this.#closed();
    if (readyState === "open") {
      this.readyState = "closing";
      if (HTTP && this.transport.name !== "websocket") this.#push({ type: "close", data: "" });
      this.#setTimer(opts.env.setTimer(() => this.#closed(), opts.transportTimeout));
      this.#flush();
    }
    return this;
  }

  /**
   * @internal
   * It was lost; whether the next one is to be tried at once. When the server said nothing over it (`isBroken`), as if
   * a proxy knew no better, another transport is, if there is one.
   */
  blame(isBroken: boolean): boolean {
    if (!HTTP || !isBroken) return this.#isAsked;
    const isBlamed = !this.#isLast && this.transport.name === "websocket";
    (isBlamed ? blameWebSocket : forgetWay)(this.opts);
    return isBlamed;
  }

  /** @internal Moves up to a WebSocket, if that is what it waits for. */
  tryUpgrade(): void {
    if (HTTP) this.#upgrade?.again();
  }

  /** @internal The same, and the listener is told no more. */
  release(): void {
    this.#listener = undefined;
    this.close();
  }

  /** @internal Ends at once. */
  readonly lose: End = (reason, description, context) => {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.id = undefined;
    this.#setTimer(undefined);
    this.transport.close();
    this.#abort();
    this._fire("close", reason, { description, context });
    this.#listener?.closed(reason, description, context);
  };

  /** @internal */
  override _failed(error: unknown, event: string): void {
    this.opts.report(error, { stage: "manager", event });
  }

  #closed(): void {
    this.lose("forced close", "closed by the client");
  }

  #opened(handshake: Handshake, transport: Transport): void {
    const { sid, upgrades, pingInterval, pingTimeout, maxPayload, ext } = handshake;
    const { upgrade, transports } = this.opts;
    this.readyState = "open";
    this.id = sid;
    this.maxPayload = maxPayload;
    this.ext = ext;
    this.#patience = Math.min(pingInterval + pingTimeout, LONGEST_DELAY);
    this.#abort = () => HTTP && this.#upgrade?.cancel();
    this.#take(transport);
    this.#heard();
    this._fire("open");
    const offered = upgrades.includes("websocket") && transports.includes("websocket");
    if (HTTP && upgrade && offered && isPausable(transport) && this.isAlive()) {
      this.#upgrade = startUpgrade(this.opts, transport, sid, (to) => {
        this.#upgrade = undefined;
        forgetWay(this.opts);
        if (EXTRAS && this.opts.rememberUpgrade) {
          const [, tookMs, ...order] = recallWay(this.opts);
          rememberWay(this.opts, tookMs, to.name, ...order.filter((each) => each !== to.name));
        }
        transport.close();
        this.#take(to);
        this._fire("upgrade", to);
        this.#flush();
        if (this.readyState === "open") this.#listener?.upgraded(to.name);
      });
    }
    if (this.isAlive()) this.#listener?.opened();
  }

  #take(transport: Transport): void {
    this.transport = transport;
    transport.listener = {
      packet: (packet) => this.#deliver(packet),
      drain: () => this.#flush(),
      close: this.lose,
    };
  }

  #deliver(packet: EnginePacket): void {
    if (this.readyState !== "open") return;
    const { type, data } = packet;
    if (this.#isAsked) this.#heard();
    this._fire("packet", packet);
    if (type === "message") {
      this._fire("data", data);
      this.#listener?.frame(data);
    }
    if (type === "close") this.lose("transport close", "closed by the server");
    if (type !== "ping") return;
    this.#heard();
    this.#push({ type: "pong", data: "" });
    this.#flush();
    this.#listener?.pinged();
  }

  #push(packet: EnginePacket): void {
    this._fire("packetCreate", packet);
    this.writeBuffer.push(packet);
  }

  #flush(): void {
    while (this.writeBuffer.length > 0 && this.transport.writable) {
      this.writeBuffer = this.writeBuffer.slice(this.transport.send(this.writeBuffer));
    }
    if (!this.transport.writable) return;
    if (this.readyState === "closing") this.#closed();
    // Later, because who waits for it begins to after it sent; once for all that one turn sends.
    else if (!this.#isDrained) {
      this.#isDrained = true;
      queueMicrotask(() => {
        this.#isDrained = false;
        this._fire("drain");
      });
    }
  }

  #heard(): void {
    this.#isAsked = false;
    this.#heardAt = this.opts.env.wallClock();
    this.#expire(this.#patience);
  }

  #expire(afterMs: number): void {
    this.#setTimer(this.opts.env.setTimer(() => this.#dead(afterMs), afterMs));
  }

  #dead(afterMs: number): void {
    this.lose("ping timeout", `no sign of life within ${afterMs} ms`);
  }

  #setTimer(timer: Timer | undefined): void {
    this.opts.env.clearTimer(this.#timer);
    this.#timer = timer;
  }
}

function isPausable(transport: Transport): transport is PausableTransport {
  return "pause" in transport;
}
