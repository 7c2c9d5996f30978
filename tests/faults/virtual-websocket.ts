import type { WebSocketLink, WebSocketListener } from "@bowline/client";
import type { Clock } from "@bowline/protocol/internal";
import type { VirtualClock } from "@bowline/protocol/testing";
import {
  type HostHandler,
  type SendOptions,
  TestRequest,
  type TestRequestParts,
  type UwsPeerContext,
  type WebSocketListener as PeerListener,
  type WebSocketPeer,
} from "@bowline/server/testing";
import type { PipeEnd } from "./pipe.ts";
import { BROKEN, type Down, type Frame, NO_CODE, type Up } from "./virtual-frames.ts";
import { type LinkParts, VirtualLink } from "./virtual-link.ts";
import { UwsEnd } from "./virtual-uws.ts";

/** How long a host waits for a peer to close too. */
const CLOSE_PATIENCE_MS = 2_000;

/**
 * A WebSocket of the client that is one of the server, by way of a virtual link. With a context the server's end is that of
 * uWebSockets.js, with all of our own code; without, frames leave at once, and who is being closed is still heard, as on Node.
 */
export function openVirtualWebSocket(
  parts: LinkParts & { readonly clock: VirtualClock },
  request: TestRequestParts,
  ends: {
    readonly handler: HostHandler;
    readonly listener: WebSocketListener;
    readonly uws?: UwsPeerContext | undefined;
  },
): { link: VirtualLink; socket: WebSocketLink } {
  // Each end says through the link what the other takes from it.
  const { handler, uws } = ends;
  const server = uws ? new UwsEnd(handler, uws) : new ServerEnd(parts.clock, handler);
  const client = new ClientEnd(ends.listener);
  const link = new VirtualLink(parts, {
    server: server as PipeEnd<unknown>,
    client: client as PipeEnd<unknown>,
  });
  server.link = link;
  client.link = link;
  link.up.push({ request } satisfies Up);
  return { link, socket: client };
}

class ClientEnd implements WebSocketLink, PipeEnd<Down> {
  readonly bufferedAmount = 0;
  declare link: VirtualLink;
  readonly #listener: WebSocketListener;
  #state: "open" | "closing" | "closed" = "open";

  constructor(listener: WebSocketListener) {
    this.#listener = listener;
  }

  send(frame: Frame): void {
    if (this.#state === "open") this.link.up.push({ frame } satisfies Up);
  }

  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.link.done("client");
    this.link.up.push({ close: { code: NO_CODE, reason: "" } } satisfies Up);
  }

  take(item: Down): void {
    if (this.#state === "closed") return;
    if (item === "open") this.#listener.open();
    else if (item === "reset") this.lost();
    else if ("frame" in item) this.#listener.message(item.frame);
    else if ("status" in item) this.#end(BROKEN, "", new Error(`the server answered ${item.status}`));
    else {
      if (this.#state === "open") this.link.up.push({ close: item.close } satisfies Up);
      this.#end(item.close.code, item.close.reason);
    }
  }

  lost(): void {
    this.#end(BROKEN, "");
  }

  #end(code: number, reason: string, error?: Error): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.link.done("client");
    this.#listener.close(code, reason, error);
  }
}

class ServerEnd implements WebSocketPeer, PipeEnd<Up> {
  declare link: VirtualLink;
  readonly #clock: Clock;
  readonly #handler: HostHandler;
  #state: "open" | "closing" | "closed" = "open";
  #request: TestRequest | undefined;
  #listener: PeerListener | undefined;

  constructor(clock: Clock, handler: HostHandler) {
    this.#clock = clock;
    this.#handler = handler;
  }

  get bufferedAmount(): number {
    return this.#state === "closed" ? 0 : this.link.down.bufferedAmount;
  }

  send(frame: Frame, options?: SendOptions): void {
    if (this.#state !== "open") return;
    this.link.down.push({ frame } satisfies Down, { bytes: Buffer.byteLength(frame), left: options?.sent });
  }

  close(code: number, reason: string): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.link.down.push({ close: { code, reason } } satisfies Down);
    this.#clock.setTimer(() => this.#end(BROKEN), CLOSE_PATIENCE_MS);
  }

  terminate(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.link.done("server");
    this.link.down.push("reset" satisfies Down);
    queueMicrotask(() => this.#listener?.closed(BROKEN));
  }

  take(item: Up): void {
    if (this.#state === "closed") return;
    if ("request" in item) void this.#upgrade(item.request);
    else if ("frame" in item) this.#listener?.message(item.frame);
    else {
      if (this.#state === "open") this.link.down.push({ close: item.close } satisfies Down);
      this.#end(item.close.code);
    }
  }

  lost(): void {
    this.#end(BROKEN);
  }

  drained(): void {
    if (this.#state === "open") this.#listener?.drain();
  }

  async #upgrade(parts: TestRequestParts): Promise<void> {
    this.#request = new TestRequest(parts);
    const upgrade = await this.#handler.upgrade(this.#request);
    if (this.#state === "closed") return;
    if (upgrade.accept) {
      this.link.down.push("open" satisfies Down);
      this.#listener = upgrade.open(this);
      return;
    }
    this.#state = "closed";
    this.link.done("server");
    this.link.down.push({ status: upgrade.response.status } satisfies Down);
  }

  #end(code: number): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.link.done("server");
    if (this.#listener) this.#listener.closed(code);
    else this.#request?.abort();
  }
}
