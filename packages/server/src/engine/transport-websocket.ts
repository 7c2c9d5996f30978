import { decodePacket, encodePacket, type EnginePacket, type Frame } from "@bowline/protocol";
import type { WebSocketListener, WebSocketPeer } from "../host/host.ts";
import { LastFew } from "../last-few.ts";
import { base64 } from "./base64.ts";
import {
  NO_LISTENER,
  type OutgoingPacket,
  type Transport,
  type TransportListener,
  WRITABLE_BELOW_BYTES,
} from "./transport.ts";

const NORMAL = 1000;
const POLICY_VIOLATION = 1008;

/**
 * Remembers the frames of the last packets. A broadcast sends the same packets to many sessions (several, if it has
 * attachments), and they get the very same frames, by which the host in turn knows that it has their bytes already. The
 * bytes of a frame are a copy, because the host keeps them until they leave and the application may reuse its own. One
 * per engine.
 */
export class FrameEncoder {
  readonly #frames = new LastFew<EnginePacket, Frame>();

  encode(packet: EnginePacket): Frame {
    return this.#frames.get(packet) ?? this.#frames.add(packet, encodeFrame(packet));
  }
}

function encodeFrame(packet: EnginePacket): Frame {
  const frame = encodePacket(packet);
  return typeof frame === "string" ? frame : new Uint8Array(frame);
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
