import { RealtimeError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import type { Base64 } from "./base64.ts";

/** Engine.IO 4 packet types, in the order of their digits on the wire. */
const TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"] as const;
/** Before base64, where bytes must travel as text. */
const BINARY = "b";

type ControlType = Exclude<(typeof TYPES)[number], "message">;

/** One unit of the Engine.IO protocol. Only `message` carries what the layer above sent. */
export type EnginePacket =
  | { readonly type: "message"; readonly data: Frame }
  | { readonly type: ControlType; readonly data: string };

/** The packet as one WebSocket frame: bytes bare, everything else behind its digit. SPEC E1, E2. */
export function encodePacket(packet: EnginePacket): Frame {
  return typeof packet.data === "string" ? TYPES.indexOf(packet.type) + packet.data : packet.data;
}

/** The packet as text, for a poll body: bytes become `b` and base64. SPEC E3. */
export function encodePacketAsText(packet: EnginePacket, base64: Base64): string {
  const frame = encodePacket(packet);
  return typeof frame === "string" ? frame : BINARY + base64.encode(frame);
}

/**
 * A WebSocket frame, or one packet of a poll body. Text may hold bytes as base64 on either way: a stock client with
 * `forceBase64` sends them so over WebSocket too.
 * @throws RealtimeError `bad_packet` on an empty frame, or an unknown type; else what `base64` throws.
 */
export function decodePacket(frame: Frame, base64: Base64): EnginePacket {
  if (typeof frame !== "string") return { type: "message", data: frame };
  const data = frame.slice(1);
  if (frame[0] === BINARY) return { type: "message", data: base64.decode(data) };
  const type = TYPES[frame.charCodeAt(0) - 48];
  if (type === undefined) throw new RealtimeError("bad_packet", "malformed engine packet");
  return { type, data };
}
