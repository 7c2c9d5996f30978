import type { CloseReason, EnginePacket } from "@bowline/protocol";
import type { HostRequest, HostResponse, SendOptions } from "../host/host.ts";

/** `options` are Engine.IO's place for what is asked of a packet besides; what many get, they are asked of all. */
export type OutgoingPacket = EnginePacket & { readonly options?: SendOptions };

export type TransportName = "polling" | "websocket";

/**
 * One way of one session to its peer. Implemented by transport-polling and transport-websocket, used by `Session` and
 * `Upgrade`. Rules T1 to T6 of SPEC.md.
 */
export interface Transport {
  readonly name: TransportName;
  /** Whether what is sent now can leave now; a volatile event is dropped otherwise. */
  readonly writable: boolean;
  /** A slot, not an emitter: an upgrade swaps it. */
  listener: TransportListener;
  /** Takes the packet in any case and keeps the order; what cannot leave yet waits here. */
  send(packet: OutgoingPacket): void;
  /** Orderly: what was sent leaves first, within the time that the transport allows; `closed` is reported then. */
  close(): void;
  /** At once, and for good: what waits is lost. `closed` is not reported. */
  discard(): void;
  /** As `discard`, for an upgrade: gives what was sent and did not leave. */
  handOver(): readonly OutgoingPacket[];
  /** One HTTP request of the session; only transports that are made of requests have it. */
  request?(request: HostRequest): HostResponse | Promise<HostResponse>;
}

/** Implemented by whoever has the transport: a session, or an upgrade that tries it. */
export interface TransportListener {
  packet(packet: EnginePacket): void;
  /** `writable` became true. */
  drain(): void;
  /** What waited leaves now, in one answer. From transports that make packets wait. */
  flushed?(packets: readonly OutgoingPacket[]): void;
  /** It is over: the peer or the link ended it, or `close()` is done. At most once, and last. */
  closed(reason: CloseReason, cause?: unknown): void;
}

/** Stands in the slot until there is a listener, and after there was one. */
export const NO_LISTENER: TransportListener = {
  packet() {},
  drain() {},
  closed() {},
};
