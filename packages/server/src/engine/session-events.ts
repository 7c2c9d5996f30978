import type { CloseReason, EnginePacket, Frame } from "@bowline/protocol";
import type { OutgoingPacket, Transport } from "./transport.ts";

/** The events of `socket.conn`, as Engine.IO has them. */
export interface SessionEvents {
  /** Nobody can hear it, as in Engine.IO: a session is open before anybody has it. */
  open(): void;
  /** The peer sent a message. */
  data(data: Frame): void;
  /** The same, after it. */
  message(data: Frame): void;
  /** The peer sent a packet. */
  packet(packet: EnginePacket): void;
  /** A packet is about to be sent. */
  packetCreate(packet: OutgoingPacket): void;
  /** These packets leave now. */
  flush(packets: readonly OutgoingPacket[]): void;
  /** They left. */
  drain(): void;
  /** The peer answered a ping. */
  heartbeat(): void;
  /** A second transport was probed, and may take over. */
  upgrading(transport: Transport): void;
  /** It did. */
  upgrade(transport: Transport): void;
  /** Never: what goes wrong is told with `close`, as in Engine.IO 6. */
  error(error: Error): void;
  /** Once, and last. */
  close(reason: CloseReason, description?: unknown): void;
}

export interface WriteOptions {
  /** Default true: where the transport compresses, this is compressed. */
  readonly compress?: boolean;
}

/** It has left over that transport. */
export type WriteCallback = (transport: Transport) => void;
