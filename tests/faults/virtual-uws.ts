import {
  type HostHandler,
  TestRequest,
  type TestRequestParts,
  type UwsBytes,
  UwsPeer,
  type UwsPeerContext,
  type UwsWebSocket,
} from "@bowline/server/testing";
import type { PipeEnd } from "./pipe.ts";
import { BROKEN, type Down, type Up } from "./virtual-frames.ts";
import type { VirtualLink } from "./virtual-link.ts";

/** What `send` says. */
const LEFT = 1;
const WAITS = 0;

/** The server's end of a virtual link as a WebSocket of uWebSockets.js, and on it the peer that our host has for one. */
export class UwsEnd implements UwsWebSocket<never>, PipeEnd<Up> {
  declare link: VirtualLink;
  readonly #handler: HostHandler;
  readonly #context: UwsPeerContext;
  #isOver = false;
  #request: TestRequest | undefined;
  #peer: UwsPeer | undefined;

  constructor(handler: HostHandler, context: UwsPeerContext) {
    this.#handler = handler;
    this.#context = context;
  }

  send(message: UwsBytes, isBinary?: boolean): number {
    // Owned, as uWS copies.
    const bytes = typeof message === "string" ? Buffer.from(message) : Buffer.from(message as Uint8Array);
    const frame = isBinary ? bytes : bytes.toString();
    this.link.down.push({ frame } satisfies Down, { bytes: bytes.byteLength });
    return this.getBufferedAmount() > 0 ? WAITS : LEFT;
  }

  getBufferedAmount(): number {
    return this.link.down.bufferedAmount;
  }

  cork(write: () => void): void {
    write();
  }

  end(code = BROKEN, reason: UwsBytes = ""): void {
    this.link.down.push({ close: { code, reason: typeof reason === "string" ? reason : "" } } satisfies Down);
    this.#end(code);
  }

  close(): void {
    this.link.down.push("reset" satisfies Down);
    this.#end(BROKEN);
  }

  getUserData(): never {
    throw new Error("the host asks for this, and there is none");
  }

  take(item: Up): void {
    if (this.#isOver) return;
    if ("request" in item) void this.#upgrade(item.request);
    else if ("frame" in item) {
      const { frame } = item;
      const { buffer } = new Uint8Array(Buffer.from(frame as string));
      this.#peer?.message(buffer, typeof frame !== "string");
    } else {
      this.link.down.push({ close: item.close } satisfies Down);
      this.#end(item.close.code);
    }
  }

  lost(): void {
    this.#end(BROKEN);
  }

  drained(): void {
    if (!this.#isOver) this.#peer?.drained();
  }

  async #upgrade(parts: TestRequestParts): Promise<void> {
    this.#request = new TestRequest(parts);
    const upgrade = await this.#handler.upgrade(this.#request);
    if (this.#isOver) return;
    if (upgrade.accept) {
      this.link.down.push("open" satisfies Down);
      this.#peer = new UwsPeer(this.#context, upgrade);
      this.#peer.opened(this);
      return;
    }
    this.link.down.push({ status: upgrade.response.status } satisfies Down);
    this.#isOver = true;
    this.link.done("server");
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.link.done("server");
    if (this.#peer) this.#peer.closed(code, "");
    else this.#request?.abort();
  }
}
