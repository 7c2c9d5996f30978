import type { ServerDisconnectReason, Untyped } from "@bowline/protocol";

/** What every socket emits by itself, whatever the event map says. */
export interface SocketReservedEvents {
  /** Before it leaves its rooms. */
  disconnecting: (reason: ServerDisconnectReason, details?: Untyped) => void;
  disconnect: (reason: ServerDisconnectReason, details?: Untyped) => void;
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

/** For every event: its name, then its arguments. */
export type AnyListener = (event: string, ...args: Untyped[]) => unknown;
