import type { EnginePacket, Frame, Handshake } from "@bowline/protocol";
import type { Timer } from "@bowline/protocol/internal";
import { type EngineOptions, LONGEST_DELAY } from "./engine-options.ts";
import type { End, PausableTransport, Transport, TransportName } from "./transport.ts";
import { startUpgrade } from "./upgrade.ts";

export interface SessionListener {
  frame(frame: Frame): void;
  /** The server's heartbeat. */
  ping(): void;
  /** The transport is another one now. */
  upgraded(to: TransportName): void;
  /** Once, and last; not after `close()`. */
  closed: End;
}

/**
 * One session with the server, from the handshake on: heartbeat, queue, and the transport of the moment.
 *
 *   open ── close() ──► closing ── all sent ──► closed
 *    └──────── lost ───────┴─────── lost ─────────┘
 */
export class Session {
  readonly id: string;
  readonly #options: EngineOptions;
  readonly #listener: SessionListener;
  /** The server pings in time or is dead. */
  readonly #patience: number;
  #state: "open" | "closing" | "closed" = "open";
  #transport: Transport;
  #cancelUpgrade: (() => void) | undefined;
  #queue: EnginePacket[] = [];
  #heardAt = 0;
  #timer: Timer | undefined;

  constructor(options: EngineOptions, transport: Transport, handshake: Handshake, listener: SessionListener) {
    const { sid, upgrades, pingInterval, pingTimeout } = handshake;
    this.id = sid;
    this.#options = options;
    this.#listener = listener;
    this.#patience = Math.min(pingInterval + pingTimeout, LONGEST_DELAY);
    this.#transport = transport;
    this.#take(transport);
    this.#heard();
    const { upgrade, transports } = options;
    const offered = upgrades.includes("websocket") && transports.includes("websocket");
    if (upgrade && offered && isPausable(transport)) {
      this.#cancelUpgrade = startUpgrade(options, transport, sid, (to) => this.#upgraded(to));
    }
  }

  get transportName(): TransportName {
    return this.#transport.name;
  }

  /** Whether what is sent now leaves now. */
  get idle(): boolean {
    return this.#transport.idle && this.#queue.length === 0;
  }

  /**
   * Whether the session may still be used. A machine that slept may not have run the timer yet, and would send into a
   * connection that the server has given up, so who is about to send asks first.
   */
  isAlive(): boolean {
    if (this.#options.env.wallClock() - this.#heardAt > this.#patience) this.#expire();
    return this.#state === "open";
  }

  send(frames: readonly Frame[]): void {
    if (this.#state !== "open") return;
    for (const data of frames) this.#queue.push({ type: "message", data });
    this.#flush();
  }

  /** Sends what is queued, then ends; the listener is not called again. */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    if (this.#transport.name === "polling") this.#queue.push({ type: "close", data: "" });
    const { env, transportTimeout } = this.#options;
    this.#setTimer(env.setTimer(() => this.#end(), transportTimeout));
    this.#flush();
  }

  /** Ends at once; the listener is told. */
  readonly lose: End = (...why) => {
    const tell = this.#state === "open";
    this.#end();
    if (tell) this.#listener.closed(...why);
  };

  #take(transport: Transport): void {
    transport.listener = {
      packet: (packet) => this.#deliver(packet),
      drain: () => this.#flush(),
      close: this.lose,
    };
  }

  #deliver(packet: EnginePacket): void {
    if (this.#state !== "open") return;
    if (packet.type === "message") this.#listener.frame(packet.data);
    if (packet.type === "close") this.lose("transport close", "closed by the server");
    if (packet.type !== "ping") return;
    this.#heard();
    this.#queue.push({ type: "pong", data: "" });
    this.#flush();
    this.#listener.ping();
  }

  #flush(): void {
    while (this.#queue.length > 0 && this.#transport.writable) {
      this.#queue = this.#queue.slice(this.#transport.send(this.#queue));
    }
    if (this.#state === "closing" && this.#transport.writable) this.#end();
  }

  #upgraded(to: Transport): void {
    this.#transport.close();
    this.#transport = to;
    this.#take(to);
    this.#flush();
    if (this.#state === "open") this.#listener.upgraded(to.name);
  }

  #heard(): void {
    const { env } = this.#options;
    this.#heardAt = env.wallClock();
    this.#setTimer(env.setTimer(() => this.#expire(), this.#patience));
  }

  #expire(): void {
    this.lose("ping timeout", `no ping within ${this.#patience} ms`);
  }

  #setTimer(timer: Timer | undefined): void {
    this.#options.env.clearTimer(this.#timer);
    this.#timer = timer;
  }

  #end(): void {
    this.#state = "closed";
    this.#setTimer(undefined);
    this.#transport.close();
    this.#cancelUpgrade?.();
  }
}

function isPausable(transport: Transport): transport is PausableTransport {
  return "pause" in transport;
}
