/** What a namespace is called when nobody named one; on the wire it is left out. */
export const MAIN_NAMESPACE = "/";

export type EventName = string | number;

/**
 * One unit of the Socket.IO protocol. That a packet has attachments is the codec's affair: BINARY_EVENT and BINARY_ACK
 * are decoded to `event` and `ack`. SPEC S1.
 */
export type Packet =
  | { readonly type: "connect"; readonly namespace: string; readonly data?: object | undefined }
  | { readonly type: "disconnect"; readonly namespace: string }
  | EventPacket
  | AckPacket
  | { readonly type: "connect_error"; readonly namespace: string; readonly data: object | string };

export interface EventPacket {
  readonly type: "event";
  readonly namespace: string;
  /** Present when the sender wants an answer. */
  readonly id?: number | undefined;
  /** The event's name, then its arguments. */
  readonly data: readonly [EventName, ...unknown[]];
}

export interface AckPacket {
  readonly type: "ack";
  readonly namespace: string;
  readonly id: number;
  readonly data: readonly unknown[];
}

/** A number must be finite: JSON has no other. */
export function isEventName(name: unknown): name is EventName {
  return typeof name === "string" || Number.isFinite(name);
}

/** By their digits on the wire. The last two are BINARY_EVENT and BINARY_ACK: the same, with attachments. */
export const TYPES: readonly Packet["type"][] = [
  "connect",
  "disconnect",
  "event",
  "ack",
  "connect_error",
  "event",
  "ack",
];

/** Names that the libraries themselves emit; nobody may send an event that is called so, or not called at all. SPEC S9. */
const RESERVED: readonly unknown[] = [
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
  undefined,
];

export function isReservedEvent(name: EventName | undefined): boolean {
  return RESERVED.includes(name);
}
