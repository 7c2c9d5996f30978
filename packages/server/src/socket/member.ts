import type { EnginePacket } from "@bowline/protocol";
import type { SettleAck } from "@bowline/protocol/internal";
import type { Handshake } from "./handshake.ts";

/** A socket as rooms and broadcasts see it. Implemented by `Socket`. */
export interface Member {
  readonly id: string;
  readonly handshake: Handshake;
  data: unknown;
  readonly rooms: ReadonlySet<string>;
  join(room: string | readonly string[]): void;
  leave(room: string): void;
  disconnect(close?: boolean): unknown;
  /** @internal Whether what is sent now can leave now. */
  readonly _writable: boolean;
  /** @internal What many get was encoded once, the packets are shared. `number` is their place in the log, if any. */
  _sendEncoded(packets: readonly EnginePacket[], number?: number): void;
  /** @internal Whether to tell it what is sent. */
  readonly _hearsOutgoing: boolean;
  /** @internal Tells those who listen to what is sent. */
  _sending(data: readonly unknown[]): void;
  /** @internal Waits for this receiver's answer. */
  _awaitAck(id: number, settle: SettleAck): void;
  /** @internal Nobody waits for that answer any more. */
  _forgetAck(id: number): void;
}
