import type { CloseReason, EventMap, EventNames, EventParams, Untyped } from "@bowline/protocol";

/** What every socket emits by itself, whatever the event map says. */
export interface SocketReservedEvents {
  /** Before it leaves its rooms. */
  disconnecting: (reason: CloseReason, details?: unknown) => void;
  disconnect: (reason: CloseReason, details?: unknown) => void;
  /** The peer broke the protocol; the connection is being closed. */
  error: (error: Error) => void;
}

/** What namespaces emit by themselves. `connect` and `connection` are two names for the same. */
export interface NamespaceReservedEvents<Socket, Namespace> {
  connect: (socket: Socket) => void;
  connection: (socket: Socket) => void;
  /** A namespace was made, by `of` or for a client that asked for it; heard on the main namespace. */
  new_namespace: (namespace: Namespace) => void;
}

/** What a namespace may be listened to for: the events of other servers as well. */
export type NamespaceEvents<ServerSideEvents extends EventMap, Socket, Namespace> = Omit<
  ServerSideEvents,
  keyof NamespaceReservedEvents<Socket, Namespace>
> &
  NamespaceReservedEvents<Socket, Namespace>;

/** What may be listened to: the map's events and the reserved ones. */
export type Heard<Events extends EventMap> = Omit<Events, keyof SocketReservedEvents> & SocketReservedEvents;

/** A listener of one event; may be async: what it throws or rejects with goes to `onError` and to the ack. */
export type SocketListener<Events extends EventMap, Event extends EventNames<Heard<Events>>> = {
  bivariant(...args: EventParams<Heard<Events>, Event>): unknown;
}["bivariant"];

/** For every event: its name, then its arguments. */
export type AnyListener = (event: string, ...args: Untyped[]) => unknown;
