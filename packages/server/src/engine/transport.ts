import type { CloseReason, EnginePacket } from "@bowline/protocol";
import type { HostRequest, HostResponse, SendOptions } from "../host/host.ts";
import type { Query } from "./query.ts";

/** `options` are Engine.IO's place for what is asked of a packet besides; what many get, they are asked of all. */
export type OutgoingPacket = EnginePacket & { readonly options?: SendOptions };

export type TransportName = "polling" | "websocket" | "sse";

/** Above it what is sent waits in memory for a peer that does not keep up. Node reports `drain` from 16 or 64 KiB on. */
export const WRITABLE_BELOW_BYTES: number = 64 * 1024;

/**
 * One way of one session to its peer. Implemented by transport-polling, transport-websocket and transport-sse, used by `Session` and
 * `Upgrade`. Rules T1 to T6 of SPEC.md.
 */
export interface Transport {
  readonly name: TransportName;
  /** Whether what is sent now can leave now; a volatile event is dropped otherwise. */
  readonly writable: boolean;
  /** Bytes that were sent and did not leave yet. */
  readonly bufferedAmount: number;
  /** A slot, not an emitter: an upgrade swaps it. */
  listener: TransportListener;
  /** Takes the packet in any case and keeps the order; what cannot leave yet waits here. */
  send(packet: OutgoingPacket): void;
  /** What waits for the end of the turn, so that it leaves together, leaves now. */
  flush?(): void;
  /** Orderly: what was sent leaves first, within the time that the transport allows; `closed` is reported then. */
  close(): void;
  /** At once, and for good: what waits is lost. `closed` is not reported. */
  discard(): void;
  /** As `discard`, for an upgrade: gives what was sent and did not leave. */
  handOver(): readonly OutgoingPacket[];
  /** One HTTP request of the session; only transports that are made of requests have it. */
  request?(request: HostRequest, query: Query): HostResponse | Promise<HostResponse>;
  /** Lets the peer, which waits for something, come to rest; only transports on which it waits have it. */
  release?(): void;
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

/** Of what was sent, before it is encoded. */
export function byteLengthOf({ data }: EnginePacket): number {
  return typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
}

/** Stands in the slot until there is a listener, and after there was one. */
export const NO_LISTENER: TransportListener = {
  packet() {},
  drain() {},
  closed() {},
};
