import { decodePacket, encodePacket, type EnginePacket } from "@bowline/protocol";
import { encodePacketAsText } from "@bowline/protocol/internal";
import { EXTRAS } from "#extras";
import type { WebSocketLink } from "../env.ts";
import { type EngineOptions, linkUrl, optionsOf } from "./engine-options.ts";
import { type End, readOr, type Transport, type TransportListener } from "./transport.ts";

/** As much may wait in the socket before volatile packets are dropped: some dozens of cursor positions. */
const IDLE_BYTES = 16_384;

/** Every packet is a frame. */
export class WebSocketTransport implements Transport {
  readonly name = "websocket";
  listener: TransportListener;
  /** The platform's own, for who needs what it alone has. */
  ws: WebSocketLink | undefined;
  readonly #options: EngineOptions;
  #state: "opening" | "open" | "closed" = "opening";

  constructor(options: EngineOptions, listener: TransportListener, sid?: string) {
    if (EXTRAS) options = optionsOf(options, this.name);
    this.#options = options;
    const { env } = options;
    this.listener = listener;
    try {
      this.ws = env.openWebSocket(linkUrl(options, this.name, sid && { sid }), options, {
        open: () => {
          if (this.#state === "closed") return;
          this.#state = "open";
          this.listener.drain();
        },
        message: (frame) => {
          const packet = readOr(this.#end, () => decodePacket(frame, env.base64));
          if (packet && this.writable) this.listener.packet(packet);
        },
        close: (code, reason, error) => {
          // A browser's event says nothing; Node's error says why.
          const why = (error as Partial<Error> | undefined)?.message ?? reason;
          const ended = error ? "transport error" : "transport close";
          this.#end(ended, `websocket ${why || "closed"} (${code})`, error ?? { code, reason });
        },
      });
    } catch (error) {
      env.setTimer(() => this.#end("transport error", String(error), error), 0);
    }
  }

  get writable(): boolean {
    return this.#state === "open";
  }

  get idle(): boolean {
    return this.writable && (this.ws?.bufferedAmount ?? 0) < IDLE_BYTES;
  }

  send(packets: readonly EnginePacket[]): number {
    const base64 = EXTRAS && this.#options.forceBase64 && this.#options.env.base64;
    for (const packet of packets) {
      this.ws?.send(base64 ? encodePacketAsText(packet, base64) : encodePacket(packet));
    }
    return packets.length;
  }

  close(): void {
    this.#state = "closed";
    this.ws?.close();
  }

  readonly #end: End = (...why) => {
    if (this.#state === "closed") return;
    this.close();
    this.listener.close(...why);
  };
}
