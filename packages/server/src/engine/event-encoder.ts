import type { EnginePacket } from "@bowline/protocol";
import { encodeEventLine } from "@bowline/protocol/internal";
import { base64 } from "./base64.ts";

/** A header and three attachments. */
const REMEMBERED_LINES = 4;

/**
 * Packets as server-sent events (SPEC V1). Remembers the lines of the last packets: a broadcast sends the same ones to many
 * sessions. One per engine.
 */
export class EventEncoder {
  readonly #packets: EnginePacket[] = [];
  readonly #lines: string[] = [];
  #next = 0;

  /** One event for all of them. */
  encode(packets: readonly EnginePacket[]): string {
    let event = "";
    for (const packet of packets) event += this.#line(packet);
    return `${event}\n`;
  }

  #line(packet: EnginePacket): string {
    const known = this.#lines[this.#packets.indexOf(packet)];
    if (known !== undefined) return known;
    const line = encodeEventLine(packet, base64);
    this.#packets[this.#next] = packet;
    this.#lines[this.#next] = line;
    this.#next = (this.#next + 1) % REMEMBERED_LINES;
    return line;
  }
}
