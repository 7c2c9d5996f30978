import type { CloseReason, Packet, RealtimeError } from "@bowline/protocol";
import type { DisconnectDetails, TransportName } from "../engine/transport.ts";

/** What the connection is doing; `manager.state`, and the event `state` whenever it changes. */
export type ManagerState =
  /** Not asked to connect yet. */
  | { readonly name: "idle" }
  /** 0 for the first connection, then how often reconnecting was tried. */
  | { readonly name: "connecting"; readonly attempt: number }
  | { readonly name: "connected"; readonly transport: TransportName }
  /** Will try again at `retryAt` (epoch milliseconds), or at `connect()`, or when the network is back. */
  | {
      readonly name: "waiting";
      readonly attempt: number;
      readonly delayMs: number;
      readonly retryAt: number;
      readonly reason: CloseReason;
    }
  /** Will do nothing until `connect()`. */
  | { readonly name: "closed"; readonly reason: CloseReason };

export interface ManagerEvents {
  state: (state: ManagerState) => unknown;
  /** Connected. */
  open: () => unknown;
  /** A packet came, of whatever namespace. */
  packet: (packet: Packet) => unknown;
  /** Connecting failed. */
  error: (error: RealtimeError) => unknown;
  /** The server's heartbeat. */
  ping: () => unknown;
  close: (reason: CloseReason, details?: DisconnectDetails) => unknown;
  reconnect: (attempt: number) => unknown;
  reconnect_attempt: (attempt: number) => unknown;
  reconnect_error: (error: RealtimeError) => unknown;
  reconnect_failed: () => unknown;
}
