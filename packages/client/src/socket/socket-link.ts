import type { CloseReason, Frame, Packet, RealtimeError } from "@bowline/protocol";
import type { Session } from "../engine/session.ts";
import type { DisconnectDetails } from "../engine/transport.ts";
import type { ResolvedOptions } from "../options.ts";
import type { ManagerState } from "./manager-state.ts";

/** What a socket has of its manager. Implemented by manager.ts, used by socket.ts. */
export interface SocketLink {
  readonly opts: ResolvedOptions;
  readonly state: ManagerState;
  /** @internal The socket wants the connection: it is opened unless it is, and the socket hears of it. */
  _join(socket: SocketLinkListener): void;
  /** @internal The socket wants it no more; the last one to leave closes it. */
  _leave(): void;
  /** @internal The connection, while there is one. */
  readonly _session: Session | undefined;
  /** @internal @throws RealtimeError what `Codec.encode` throws */
  _encode(nsp: string, packet: Unaddressed<Packet>): readonly Frame[];
}

/** A packet that is not said of which namespace it is: that of the socket. */
export type Unaddressed<Any> = Any extends Packet ? Omit<Any, "namespace"> : never;

/** Called by the manager, for sockets that joined. */
export interface SocketLinkListener {
  /** @internal */
  _opened(): void;
  /** @internal This place goes away for good, or the connection is meant to end. */
  _leaveForGood(): void;
  /** @internal A packet of this namespace; also when the socket has left. */
  _receive(packet: Packet): void;
  /** @internal The connection is gone, by a loss, or could not be made; the manager's state says whether it tries again. */
  _closed(error: RealtimeError, loss?: readonly [reason: CloseReason, details: DisconnectDetails]): void;
  /** @internal Asks the server for a sign of life; whether it could, which takes a server that understands. */
  _probe(): boolean;
}
