import type { HostResponse, HostStream, HostStreamListener } from "../host/host.ts";

/** An answer that goes on, without a network: what is written is kept, in writes. */
export class MemoryStream implements HostStream {
  readonly response: HostResponse;
  /** Set it to play a slow reader. */
  bufferedAmount = 0;
  /** Who ended it. */
  state: "open" | "ended" | "terminated" | "left" = "open";
  #listener: HostStreamListener | undefined;
  #writes: string[] = [];
  #isClosed = false;

  /** Of an answer that has an `open`. */
  constructor(response: HostResponse) {
    this.response = response;
  }

  /** The host begins to answer. */
  open(): this {
    this.#listener = this.response.open?.(this);
    if (!this.#listener) throw new Error(`no answer that goes on: ${this.response.status}`);
    return this;
  }

  // ---- the peer's side

  /** What was written since the last call. */
  takeWrites(): string[] {
    return this.#writes.splice(0);
  }

  takeText(): string {
    return this.takeWrites().join("");
  }

  /** Reads all that waited. */
  catchUp(): void {
    this.bufferedAmount = 0;
    if (this.state === "open") this.#listener?.drain();
  }

  /** The link breaks. */
  leave(): void {
    if (this.state !== "open") return;
    this.state = "left";
    this.#isClosed = true;
    this.#listener?.closed();
  }

  // ---- HostStream

  write(text: string): void {
    if (this.state === "open") this.#writes.push(text);
  }

  end(): void {
    if (this.state !== "open") return;
    this.state = "ended";
    this.#closeSoon();
  }

  terminate(): void {
    if (this.#isClosed || this.state === "terminated") return;
    this.state = "terminated";
    this.#closeSoon();
  }

  #closeSoon(): void {
    queueMicrotask(() => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#listener?.closed();
    });
  }
}
