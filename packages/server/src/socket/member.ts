import type { EnginePacket } from "@bowline/protocol";
import type { SettleAck } from "@bowline/protocol/internal";
import type { Handshake } from "./handshake.ts";

/** What many get: encoded once, the packets are shared. */
export interface Encoded {
  readonly packets: readonly EnginePacket[];
  /** Their place in recovery's log, if they have one. */
  readonly number?: number | undefined;
  /** Of the answer that is waited for. */
  readonly id?: number | undefined;
  readonly isVolatile?: boolean | undefined;
}

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
  /** @internal Whether names that begin with `$`, and volatile events, are called otherwise on their way to it. */
  readonly _escapesNames: boolean;
  /** @internal */
  _sendEncoded(sent: Encoded): void;
  /** @internal Whether to tell it what is sent. */
  readonly _hearsAny: boolean;
  /** @internal Tells those who listen to what is sent. */
  _sending(data: readonly unknown[]): void;
  /** @internal Waits for this receiver's answer. */
  _awaitAck(id: number, settle: SettleAck): void;
  /** @internal Nobody waits for that answer any more. */
  _forgetAck(id: number): void;
}
