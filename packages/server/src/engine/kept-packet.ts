import type { OutgoingPacket } from "./transport.ts";

const COPIES = new WeakMap<object, OutgoingPacket>();

/**
 * The packet as it may be kept: bytes wait longer than the application leaves its own alone. A broadcast gives many
 * sessions the same packet, and one copy does for all.
 */
export function keptPacket(packet: OutgoingPacket): OutgoingPacket {
  if (packet.type !== "message" || typeof packet.data === "string") return packet;
  const known = COPIES.get(packet);
  if (known) return known;
  const copy: OutgoingPacket = { ...packet, data: new Uint8Array(packet.data) };
  COPIES.set(packet, copy);
  COPIES.set(copy, copy);
  return copy;
}
