import { decodePacket, encodePacket, type EnginePacket, type Frame } from "@bowline/protocol";
import type { WebSocketListener, WebSocketPeer } from "../host/host.ts";
import { base64 } from "./base64.ts";
import {
  NO_LISTENER,
  type OutgoingPacket,
  type Transport,
  type TransportListener,
  WRITABLE_BELOW_BYTES,
} from "./transport.ts";

/** A header and three attachments. */
const REMEMBERED_FRAMES = 4;
const NORMAL = 1000;
const POLICY_VIOLATION = 1008;

/**
 * Remembers the frames of the last packets. A broadcast sends the same packets to many sessions (several, if it has
 * attachments), and they get the very same frames, by which the host in turn knows that it has their bytes already. The
 * bytes of a frame are a copy, because the host keeps them until they leave and the application may reuse its own. One
 * per engine.
 */
export class FrameEncoder {
  readonly #packets: EnginePacket[] = [];
  readonly #frames: Frame[] = [];
  #next = 0;

  encode(packet: EnginePacket): Frame {
    const known = this.#frames[this.#packets.indexOf(packet)];
    if (known !== undefined) return known;
    const encoded = encodePacket(packet);
    const frame = typeof encoded === "string" ? encoded : new Uint8Array(encoded);
    this.#packets[this.#next] = packet;
    this.#frames[this.#next] = frame;
    this.#next = (this.#next + 1) % REMEMBERED_FRAMES;
    return frame;
  }
}

/** A WebSocket: a frame is a packet (SPEC T4). What cannot leave yet waits in the host. */
export class WebSocketTransport implements Transport, WebSocketListener {
  readonly name = "websocket";
  listener: TransportListener = NO_LISTENER;
  readonly #peer: WebSocketPeer;
  readonly #encoder: FrameEncoder;
  /** closing: the close frame is on its way, and the host reports when it is over. */
  #state: "open" | "closing" | "closed" = "open";

  constructor(peer: WebSocketPeer, encoder: FrameEncoder) {
    this.#peer = peer;
    this.#encoder = encoder;
  }

  get writable(): boolean {
    return this.#state === "open" && this.#peer.bufferedAmount < WRITABLE_BELOW_BYTES;
  }

  get bufferedAmount(): number {
    return this.#peer.bufferedAmount;
  }

  send(packet: OutgoingPacket): void {
    if (this.#state === "open") this.#peer.send(this.#encoder.encode(packet), packet.options);
  }

  flush(): void {
    this.#peer.flush?.();
  }

  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#peer.close(NORMAL, "");
  }

  discard(): void {
    this.#state = "closed";
    this.#peer.terminate();
  }

  /** Nothing lies above a WebSocket, so nothing takes over from it. */
  handOver(): readonly OutgoingPacket[] {
    this.discard();
    return [];
  }

  message(frame: Frame): void {
    if (this.#state !== "open") return;
    let packet: EnginePacket;
    try {
      packet = decodePacket(frame, base64);
    } catch (error) {
      this.#state = "closed";
      this.#peer.close(POLICY_VIOLATION, "parse error");
      this.listener.closed("parse error", error);
      return;
    }
    if (packet.type !== "close") return this.listener.packet(packet);
    this.#state = "closed";
    this.#peer.close(NORMAL, "");
    this.listener.closed("transport close");
  }

  drain(): void {
    if (this.#state === "open") this.listener.drain();
  }

  closed(_code: number, error?: Error): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.listener.closed(error ? "transport error" : "transport close", error);
  }
}
