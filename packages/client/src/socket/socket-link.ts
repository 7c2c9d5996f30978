import type { CloseReason, Frame, Packet, RealtimeError } from "@bowline/protocol";
import type { Session } from "../engine/session.ts";
import type { DisconnectDetails } from "../engine/transport.ts";
import type { ResolvedOptions } from "../options.ts";

/** What a socket has of its manager. Implemented by manager.ts, used by socket.ts. */
export interface SocketLink {
  readonly options: ResolvedOptions;
  /** The socket wants the connection: it is opened unless it is, and the listener hears of it. */
  join(): void;
  /** The socket wants it no more; the last one to leave closes it. */
  leave(): void;
  /** The connection, while there is one. */
  session(): Session | undefined;
  /** @throws RealtimeError what `Codec.encode` throws */
  encode(packet: Unaddressed<Packet>): readonly Frame[];
}

/** A packet that is not said of which namespace it is: that of the socket. */
type Unaddressed<Any> = Any extends Packet ? Omit<Any, "namespace"> : never;

/** Called by the manager, for sockets that joined. */
export interface SocketLinkListener {
  opened(): void;
  /** A packet of this namespace. */
  packet(packet: Packet): void;
  closed(reason: CloseReason, details: DisconnectDetails): void;
  /** Opening did not succeed; it may be tried again. */
  failed(error: RealtimeError): void;
}
