/** Of uWS, within a cork. */
const CORK_BYTES = 16 * 1024;

/** The way from a response of uWS to its peer: what the kernel takes, and what uWS keeps of the rest. */
export class FakeUwsLink {
  /** What the kernel takes at present; 0 plays a peer that does not read. */
  room: number = Infinity;
  /** What arrived, in writes. */
  readonly writes: string[] = [];
  #kept: Buffer = Buffer.alloc(0);
  #corked: Buffer | undefined;

  get received(): string {
    return this.writes.join("");
  }

  get keptBytes(): number {
    return this.#kept.byteLength;
  }

  /** False if not all of it could be passed on. In a cork that is seen only of what does not fit into it. */
  write(chunk: Uint8Array): boolean {
    if (!this.#passKept()) {
      this.#kept = Buffer.concat([this.#kept, chunk]);
      return false;
    }
    if (!this.#corked) return this.#pass(chunk);
    this.#corked = Buffer.concat([this.#corked, chunk]);
    return this.#corked.byteLength <= CORK_BYTES || this.uncork();
  }

  cork(): void {
    this.#corked = Buffer.alloc(0);
  }

  /** Sends what was kept as well. */
  uncork(): boolean {
    const corked = this.#corked ?? Buffer.alloc(0);
    this.#corked = undefined;
    return this.#passKept() && this.#pass(corked);
  }

  #passKept(): boolean {
    const kept = this.#kept;
    this.#kept = Buffer.alloc(0);
    return this.#pass(kept);
  }

  #pass(bytes: Uint8Array): boolean {
    const taken = bytes.subarray(0, Math.min(this.room, bytes.byteLength));
    this.room -= taken.byteLength;
    if (taken.byteLength > 0) this.writes.push(Buffer.from(taken).toString("utf8"));
    this.#kept = Buffer.concat([this.#kept, bytes.subarray(taken.byteLength)]);
    return taken.byteLength === bytes.byteLength;
  }
}
