import { decodePacket, encodePacket, type EnginePacket } from "@bowline/protocol";
import { encodePacketAsText } from "@bowline/protocol/internal";
import { EXTRAS } from "#extras";
import type { WebSocketLink } from "../env.ts";
import { type EngineOptions, IDLE_BYTES, linkUrl, optionsOf } from "./engine-options.ts";
import { DEAF, end, take, type Transport, type TransportListener } from "./transport.ts";

/** Every packet is a frame. */
export class WebSocketTransport implements Transport {
  readonly name = "websocket";
  listener: TransportListener;
  writable = false;
  /** The platform's own, for who needs what it alone has. */
  ws: WebSocketLink | undefined;
  readonly #options: EngineOptions;

  constructor(options: EngineOptions, listener: TransportListener, sid?: string) {
    if (EXTRAS) options = optionsOf(options, this.name);
    this.#options = options;
    const { env } = options;
    this.listener = listener;
    try {
      this.ws = env.openWebSocket(linkUrl(options, this.name, sid && { sid }), options, {
        open: () => {
          this.writable = true;
          this.listener.drain();
        },
        message: (frame) => take(this, () => this.listener.receive(decodePacket(frame, env.base64))),
        close: (code, reason, error) => {
          // A browser's event says nothing; Node's error says why.
          const why = (EXTRAS && (error as Partial<Error> | undefined)?.message) || reason || "closed";
          const ended = error ? "transport error" : "transport close";
          end(this, ended, `websocket ${why} (${code})`, error ?? { code, reason });
        },
      });
    } catch (error) {
      env.setTimer(() => end(this, "transport error", String(error), error), 0);
    }
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
    this.writable = false;
    this.listener = DEAF;
    this.ws?.close();
  }
}
