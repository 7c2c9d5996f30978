import type { Base64 } from "./base64.ts";
import { encodePacketAsText, type EnginePacket } from "./packet.ts";

/** Before a packet in JSON. No packet begins with it, nor any base64. */
const JSON_TEXT = "j";

/**
 * The packet as a line of a server-sent event; an empty line ends the event. What holds line ends goes as JSON, because
 * this format knows three and gives back one. SPEC V1.
 */
export function encodeEventLine(packet: EnginePacket, base64: Base64): string {
  const text = encodePacketAsText(packet, base64);
  return `data:${/[\r\n]/.test(text) ? JSON_TEXT + JSON.stringify(text) : text}\n`;
}
