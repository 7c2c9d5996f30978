import type { EnginePacket } from "@bowline/protocol";
import { keptPacket } from "../engine/kept-packet.ts";

/** What an entry costs beside its characters and bytes: its place, its packets. A round figure. */
const ENTRY_BYTES = 192;
/** Below this many dropped places at the front they are left where they are. */
const LEAST_GAP = 256;

/**
 * What one socket was sent and has not confirmed, numbered without holes. References to the packets that went out, which a
 * broadcast shares among all its receivers. A data structure: knows no limits, no time, no sockets.
 */
export class ResumptionRing {
  /** Places at the front are empty after drops, until it is worth moving the rest. */
  #entries: (readonly EnginePacket[] | undefined)[] = [];
  #gap = 0;
  /** The number of the oldest that is there, or will be. */
  #first: number;
  /** Accounted, not measured: characters, bytes of attachments, and a round figure for each event. */
  bytes = 0;

  constructor(first: number) {
    this.#first = first;
  }

  get first(): number {
    return this.#first;
  }

  get size(): number {
    return this.#entries.length - this.#gap;
  }

  /** The number of the newest; one less than `first` when there is none. */
  get last(): number {
    return this.#first + this.size - 1;
  }

  push(packets: readonly EnginePacket[]): void {
    // The application may change its bytes once the event has left.
    const kept = packets.length === 1 ? packets : packets.map(keptPacket);
    this.#entries.push(kept);
    this.bytes += weigh(kept);
  }

  /** The oldest goes. */
  shift(): void {
    const oldest = this.#entries[this.#gap];
    if (!oldest) return;
    this.bytes -= weigh(oldest);
    this.#entries[this.#gap++] = undefined;
    this.#first++;
    if (this.size === 0) this.#empty();
    else if (this.#gap > LEAST_GAP && this.#gap * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#gap);
      this.#gap = 0;
    }
  }

  /** All go, and the next one has that number. */
  restart(first: number): void {
    this.#empty();
    this.#first = first;
    this.bytes = 0;
  }

  /** Those behind `number`, in order. `visit` MUST NOT push. */
  eachAfter(number: number, visit: (number: number, packets: readonly EnginePacket[]) => void): void {
    const { last } = this;
    for (let next = Math.max(number + 1, this.#first); next <= last; next++) {
      const packets = this.#entries[this.#gap + next - this.#first];
      if (packets) visit(next, packets);
    }
  }

  /** Another array: the places of the old one are memory. */
  #empty(): void {
    this.#entries = [];
    this.#gap = 0;
  }
}

/** What it counts for as long as it is kept. */
export function weigh(packets: readonly EnginePacket[]): number {
  let bytes = ENTRY_BYTES;
  for (const { data } of packets) bytes += typeof data === "string" ? data.length : data.byteLength;
  return bytes;
}
