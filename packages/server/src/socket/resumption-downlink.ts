import type { EnginePacket } from "@bowline/protocol";
import type { Gap, GapReason } from "@bowline/protocol/internal";
import type { ResumptionPool } from "./resumption-pool.ts";
import { ResumptionRing } from "./resumption-ring.ts";

/**
 * The counted events to one client: how many there were, how many it has, and those in between as far as they are kept.
 *
 *     confirmed        first of the ring          last of the ring     sent
 *     ──────┼─ forgotten ──────┼──────── kept ────────────┼─── lost ────┤
 *
 * Forgotten were sent and may have arrived; lost never left.
 */
export class Downlink {
  readonly #pool: ResumptionPool;
  /** While there is something in it, or what was in it is not confirmed. */
  #ring: ResumptionRing | undefined;
  #sent = 0;
  #confirmed = 0;
  #lost: GapReason | undefined;
  /** The link takes no more: what comes is lost. */
  isStalled = false;

  constructor(pool: ResumptionPool) {
    this.#pool = pool;
  }

  get sent(): number {
    return this.#sent;
  }

  get unconfirmed(): number {
    return this.#sent - this.#confirmed;
  }

  get bytes(): number {
    return this.#ring?.bytes ?? 0;
  }

  /** Counts one more and keeps it; false if it is lost, since something before it is. */
  push(packets: readonly EnginePacket[]): boolean {
    this.#sent++;
    if (this.isStalled) this.#lost ??= "overflow";
    if (this.#lost) return false;
    const ring = (this.#ring ??= new ResumptionRing(this.#sent));
    const before = ring.bytes;
    ring.push(packets);
    this.#pool.grew(ring.bytes - before);
    return true;
  }

  /** Whether so much waits to be confirmed that somebody must look at it. */
  get isHeavy(): boolean {
    const ring = this.#ring;
    if (!ring) return false;
    const { maxBytes, maxEvents } = this.#pool.settings;
    return ring.bytes * 2 > maxBytes || ring.size * 2 > maxEvents || ring.first > this.#confirmed + 1;
  }

  /** Whether more is kept than may be. */
  get isOver(): boolean {
    const { maxBytes, maxEvents } = this.#pool.settings;
    return this.#ring !== undefined && (this.#ring.bytes > maxBytes || this.#ring.size > maxEvents);
  }

  /** What a client that has all that left does not get. */
  get liveGap(): Gap | undefined {
    return this.#lost && { from: this.#end + 1, to: this.#sent, why: this.#lost };
  }

  /** The link is gone. Behind a hole nothing that is kept is of use. */
  detach(): void {
    this.isStalled = false;
    if (this.#lost) this.lose(this.#lost);
  }

  /** Forgets the oldest until no more than so many bytes are kept. */
  trim(maxBytes: number): void {
    const ring = this.#ring;
    if (!ring) return;
    const before = ring.bytes;
    const { maxEvents } = this.#pool.settings;
    while (ring.size > 0 && (ring.bytes > maxBytes || ring.size > maxEvents)) ring.shift();
    this.#pool.grew(ring.bytes - before);
  }

  /** What is kept, and what comes until somebody tells the client, is lost. */
  lose(why: GapReason): void {
    this.#lost ??= why;
    this.#clear(this.#sent + 1);
  }

  /** The client has all up to that number; false if it cannot have. */
  confirm(number: number): boolean {
    if (number > this.#sent) return false;
    // What was dropped had arrived all the same.
    if (number === this.#sent) this.#lost = undefined;
    if (number <= this.#confirmed) return true;
    this.#confirmed = number;
    const ring = this.#ring;
    if (!ring) return true;
    const before = ring.bytes;
    while (ring.size > 0 && ring.first <= number) ring.shift();
    this.#pool.grew(ring.bytes - before);
    // Most sockets have nothing to wait for most of the time.
    if (number === this.#sent) this.#ring = undefined;
    return true;
  }

  /** What a client that has all up to that number cannot get any more. */
  gapBehind(number: number): Gap | undefined {
    if (number === this.#sent) return undefined;
    const isThere = this.#lost === undefined && number >= this.#begin;
    return isThere ? undefined : { from: number + 1, to: this.#sent, why: this.#lost ?? "trimmed" };
  }

  /** The client was told of a gap that ends here: both count on from it. */
  skip(): void {
    this.#lost = undefined;
    this.#confirmed = this.#sent;
    this.#clear(this.#sent + 1);
  }

  eachAfter(number: number, visit: (number: number, packets: readonly EnginePacket[]) => void): void {
    this.#ring?.eachAfter(number, visit);
  }

  /** Nobody will ask for it. */
  end(): void {
    this.#clear(this.#sent + 1);
  }

  /** What is kept lies behind this. */
  get #begin(): number {
    return this.#ring ? this.#ring.first - 1 : this.#confirmed;
  }

  /** The last that is kept, or was. */
  get #end(): number {
    return this.#ring?.last ?? this.#confirmed;
  }

  #clear(first: number): void {
    if (!this.#ring) return;
    this.#pool.grew(-this.#ring.bytes);
    this.#ring.restart(first);
  }
}
