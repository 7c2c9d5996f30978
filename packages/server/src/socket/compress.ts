import type { OutgoingPacket } from "../engine/transport.ts";

const OPTIONS = { compress: false };

/** The same packet, to be sent as it is where the transport would compress it. */
export function uncompressed(packet: OutgoingPacket): OutgoingPacket {
  return { ...packet, options: OPTIONS };
}
