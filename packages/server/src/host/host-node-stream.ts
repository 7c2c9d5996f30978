import type { ServerResponse } from "node:http";
import type { HostStream, HostStreamListener } from "./host.ts";
import { ownBytes } from "./own-bytes.ts";
import type { Flushable, TurnQueue } from "./turn-queue.ts";

/** How long a peer may take to read what an ended answer still holds. */
const END_PATIENCE_MS = 30_000;

/** One answer of node:http that goes on. Its head was given to the response already. */
export class NodeStream implements HostStream, Flushable {
  waits = 0;
  readonly #response: ServerResponse;
  readonly #turns: TurnQueue;
  readonly #failed: (error: unknown) => void;
  #listener: HostStreamListener | undefined;
  #text = "";
  #textBytes = 0;
  #state: "open" | "ended" | "over" = "open";
  #patience: NodeJS.Timeout | undefined;

  /** `failed` takes what the listener, or a middleware that wrapped the response, throws. */
  constructor(response: ServerResponse, turns: TurnQueue, failed: (error: unknown) => void) {
    this.#response = response;
    this.#turns = turns;
    this.#failed = failed;
  }

  get bufferedAmount(): number {
    return this.#state === "over" ? 0 : this.#textBytes + this.#response.writableLength;
  }

  write(text: string): void {
    if (this.#state !== "open" || text === "") return;
    this.#text += text;
    this.#textBytes += Buffer.byteLength(text);
    this.#turns.add(this);
  }

  end(): void {
    if (this.#state !== "open") return;
    this.flush();
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#patience = setTimeout(() => this.#response.destroy(), END_PATIENCE_MS).unref();
    if (!this.#guard(() => this.#response.end())) this.#response.destroy();
  }

  terminate(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#response.destroy();
  }

  flush(): void {
    const text = this.#text;
    this.#text = "";
    this.#textBytes = 0;
    if (this.#state !== "open" || text === "") return;
    // As bytes, because a text that was put together waits together with all its parts.
    const bytes = Buffer.from(text);
    const isBehind = this.#response.writableLength > 0;
    if (!this.#guard(() => this.#response.write(isBehind ? ownBytes(bytes) : bytes))) return this.terminate();
    // HTTP/1 waits for more until the tick ends. What there is is together already, and whether it leaves is to be seen.
    if (!("stream" in this.#response)) this.#response.socket?.uncork();
  }

  /** `over` is called after everything else. */
  open(open: (stream: HostStream) => HostStreamListener, over: () => void): void {
    const response = this.#response;
    response.on("drain", () => {
      if (this.#state === "open") this.#guard(() => this.#listener?.drain());
    });
    response.once("close", () => {
      this.#state = "over";
      this.#text = "";
      clearTimeout(this.#patience);
      this.#guard(() => this.#listener?.closed());
      over();
    });
    this.#guard(() => (this.#listener = open(this)));
    if (!this.#listener) this.terminate();
  }

  #guard(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }
}
