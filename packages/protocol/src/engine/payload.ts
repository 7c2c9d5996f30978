import { RealtimeError } from "../errors.ts";
import type { Base64 } from "./base64.ts";
import { decodePacket, encodePacketAsText, type EnginePacket } from "./packet.ts";

/** ASCII record separator: JSON never holds it bare, so it splits packets without any escaping. */
const SEPARATOR = "\x1e";

/** Several packets, at least one, as one poll body. SPEC E4. */
export function encodePayload(packets: readonly EnginePacket[], base64: Base64): string {
  if (packets.length === 0)
    throw new RealtimeError("invalid_argument", "a poll body holds at least one packet");
  return joinPayload(packets.map((packet) => encodePacketAsText(packet, base64)));
}

/** Packets that are text already, as one poll body. */
export function joinPayload(texts: readonly string[]): string {
  return texts.join(SEPARATOR);
}

/** The other way round. */
export function splitPayload(payload: string): string[] {
  return payload.split(SEPARATOR);
}

/** @throws RealtimeError `bad_packet` when any of the packets is malformed; none is delivered then. */
export function decodePayload(payload: string, base64: Base64): EnginePacket[] {
  return splitPayload(payload).map((text) => decodePacket(text, base64));
}

/**
 * For a reader that does not trust the writer: a body of separators costs it no more than an honest one.
 * @throws RealtimeError `payload_too_large` when there are more than `maxPackets`; the rest is not even split.
 */
export function assertPacketCount(payload: string, maxPackets: number): void {
  if (payload.split(SEPARATOR, maxPackets + 1).length > maxPackets) {
    throw new RealtimeError("payload_too_large", `more than ${maxPackets} packets in one poll body`);
  }
}
