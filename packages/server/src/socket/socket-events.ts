import type { CloseReason, EventMap, EventNames, EventParams, Untyped } from "@bowline/protocol";

/** What every socket emits by itself, whatever the event map says. */
export interface SocketReservedEvents {
  /** Before it leaves its rooms. */
  disconnecting: (reason: CloseReason, details?: unknown) => void;
  disconnect: (reason: CloseReason, details?: unknown) => void;
  /** The peer broke the protocol; the connection is being closed. */
  error: (error: Error) => void;
}

/** What may be listened to: the map's events and the reserved ones. */
export type Heard<Events extends EventMap> = Omit<Events, keyof SocketReservedEvents> & SocketReservedEvents;

/** A listener of one event; may be async: what it throws or rejects with goes to `onError` and to the ack. */
export type SocketListener<Events extends EventMap, Event extends EventNames<Heard<Events>>> = {
  bivariant(...args: EventParams<Heard<Events>, Event>): unknown;
}["bivariant"];

/** For every event: its name, then its arguments. */
export type AnyListener = (event: string, ...args: Untyped[]) => unknown;
