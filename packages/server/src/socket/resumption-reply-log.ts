import type { EnginePacket } from "@bowline/protocol";

/** One answer, encoded. */
export interface KeptReply {
  readonly id: number;
  readonly packets: readonly EnginePacket[];
  /** How many counted events went to the client before. */
  readonly behind: number;
}

const FIRST_BYTES = 1024;
/** The id, how many events went before, the length of all, and how many packets there are. */
const HEAD_BYTES = 8 + 8 + 4 + 4;
/** The length of the packet's data, and whether it is text. */
const PACKET_HEAD_BYTES = 4 + 1;
/** The most bytes that a character takes, as JavaScript counts characters; of longer texts it is worth counting them. */
const CHARACTER_BYTES = 3;
const UNCOUNTED_CHARACTERS = 256;
const NOTHING = Buffer.alloc(0);

/**
 * The latest answers, so many and of so many bytes, but at least the last one; as bytes, in a ring. As the objects that they
 * are each would live just long enough for the garbage collector to move it twice, which made an event with its ack 1.6
 * times as expensive; now 1.2. A data structure.
 *
 *     ─── newer ──── end ─── free ─── begin ─── older ─── top ─── free ───
 *     or, before it goes round:       begin ─── all ───── end ─── free ───
 */
export class ReplyLog {
  readonly #maxReplies: number;
  readonly #maxBytes: number;
  #bytes: Buffer = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  #begin = 0;
  #end = 0;
  /** Behind the last one before it goes round to the front. */
  #top = 0;
  #size = 0;

  constructor(maxReplies: number, maxBytes: number) {
    this.#maxReplies = maxReplies;
    this.#maxBytes = maxBytes;
  }

  /** Gives how many bytes it takes. */
  push({ id, packets, behind }: KeptReply): number {
    this.#makeRoom(mostBytes(packets));
    const start = this.#end;
    let at = start + HEAD_BYTES;
    for (const { data } of packets) {
      const from = at + PACKET_HEAD_BYTES;
      const isText = typeof data === "string";
      if (!isText) this.#bytes.set(data, from);
      const length = isText ? this.#bytes.write(data, from) : data.byteLength;
      this.#view.setUint32(at, length);
      this.#view.setUint8(at + 4, isText ? 1 : 0);
      at = from + length;
    }
    this.#view.setFloat64(start, id);
    this.#view.setFloat64(start + 8, behind);
    this.#view.setUint32(start + 16, at - start);
    this.#view.setUint32(start + 20, packets.length);
    this.#end = at;
    this.#size++;
    return at - start;
  }

  /** From the oldest on. */
  all(): KeptReply[] {
    const replies: KeptReply[] = [];
    for (let at = this.#begin; replies.length < this.#size; at = this.#behind(at)) {
      const [id, behind] = [this.#view.getFloat64(at), this.#view.getFloat64(at + 8)];
      replies.push({ id, behind, packets: this.#packetsAt(at) });
    }
    return replies;
  }

  /** All go, and their memory. */
  clear(): void {
    this.#use(NOTHING);
    this.#begin = this.#end = this.#top = this.#size = 0;
  }

  /** The oldest ones go for it, if they must. */
  #makeRoom(bytes: number): void {
    // The last one was too much by itself.
    if (this.#bytes.length > this.#maxBytes) this.clear();
    if (this.#size >= this.#maxReplies) this.#shift();
    while (!this.#fits(bytes)) {
      const length = this.#bytes.length;
      if (this.#size > 0 && length >= this.#maxBytes) this.#shift();
      else
        this.#grow(
          bytes > this.#maxBytes ? bytes : Math.min(Math.max(length * 2, FIRST_BYTES), this.#maxBytes),
        );
    }
  }

  /** Perhaps at the front, where it is set to go on then. */
  #fits(bytes: number): boolean {
    if (this.#isRound) return this.#end + bytes < this.#begin;
    if (this.#end + bytes <= this.#bytes.length) return true;
    if (bytes >= this.#begin) return false;
    this.#top = this.#end;
    this.#end = 0;
    return true;
  }

  /** Whether the newest stand before the oldest. */
  get #isRound(): boolean {
    return this.#end < this.#begin;
  }

  #shift(): void {
    this.#begin = this.#behind(this.#begin);
    if (--this.#size === 0) this.#begin = this.#end = 0;
  }

  #behind(at: number): number {
    const next = at + this.#view.getUint32(at + 16);
    return this.#isRound && next === this.#top ? 0 : next;
  }

  #grow(length: number): void {
    const old = this.#bytes;
    const isRound = this.#isRound;
    const older = old.subarray(this.#begin, isRound ? this.#top : this.#end);
    const newer = old.subarray(0, isRound ? this.#end : 0);
    this.#use(Buffer.allocUnsafeSlow(length));
    this.#bytes.set(older);
    this.#bytes.set(newer, older.length);
    this.#begin = 0;
    this.#end = older.length + newer.length;
  }

  #use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  #packetsAt(start: number): EnginePacket[] {
    const packets: EnginePacket[] = [];
    let at = start + HEAD_BYTES;
    for (let count = this.#view.getUint32(start + 20); count > 0; count--) {
      const from = at + PACKET_HEAD_BYTES;
      const bytes = this.#bytes.subarray(from, from + this.#view.getUint32(at));
      const isText = this.#view.getUint8(at + 4) === 1;
      // A copy of bytes: their place is used again.
      packets.push({ type: "message", data: isText ? bytes.toString("utf8") : new Uint8Array(bytes) });
      at = from + bytes.length;
    }
    return packets;
  }
}

function mostBytes(packets: readonly EnginePacket[]): number {
  let bytes = HEAD_BYTES;
  for (const { data } of packets) {
    bytes += PACKET_HEAD_BYTES;
    if (typeof data !== "string") bytes += data.byteLength;
    else if (data.length <= UNCOUNTED_CHARACTERS) bytes += data.length * CHARACTER_BYTES;
    else bytes += Buffer.byteLength(data);
  }
  return bytes;
}
