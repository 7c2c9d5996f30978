import type { Frame } from "@bowline/protocol";
import type {
  Host,
  HostHandler,
  HostLink,
  HostOptions,
  HostResponse,
  SendOptions,
  WebSocketListener,
  WebSocketPeer,
} from "../host/host.ts";
import { MemoryStream } from "./memory-stream.ts";
import { TestRequest, type TestRequestParts } from "./test-request.ts";

/** A host without a network: what a peer "sends" is delivered at once, what it gets is kept. */
export class MemoryHost implements Host {
  readonly name = "memory";
  /** That it was started with. */
  path: string | undefined;
  #handler: HostHandler | undefined;

  start(handler: HostHandler, options?: HostOptions): HostLink {
    this.#handler = handler;
    this.path = options?.path;
    return { stop: () => Promise.resolve() };
  }

  /** A plain request; if its answer goes on, its stream is open. */
  async request(
    parts: TestRequestParts,
  ): Promise<{ response: HostResponse; stream: MemoryStream | undefined }> {
    if (!this.#handler) throw new Error("nobody is attached to this host");
    const response = await this.#handler.request(
      new TestRequest({ path: `${this.path ?? "/socket.io"}/`, headers: { host: "memory" }, ...parts }),
    );
    return { response, stream: response.open && new MemoryStream(response).open() };
  }

  /** A peer over WebSocket whose open packet has been taken. */
  async connect(query = "EIO=4&transport=websocket"): Promise<MemoryPeer> {
    if (!this.#handler) throw new Error("nobody is attached to this host");
    const upgrade = await this.#handler.upgrade(
      new TestRequest({ path: `${this.path ?? "/socket.io"}/`, query, headers: { host: "memory" } }),
    );
    if (!upgrade.accept) throw new Error(`refused: ${upgrade.response.status}`);
    const peer = new MemoryPeer();
    peer.listener = upgrade.open(peer);
    peer.takeSent();
    return peer;
  }
}

export class MemoryPeer implements WebSocketPeer {
  bufferedAmount = 0;
  state: "open" | "closed" = "open";
  listener: WebSocketListener | undefined;
  readonly closed: Promise<void>;
  readonly #sent: Frame[] = [];
  readonly #compress: (boolean | undefined)[] = [];
  #resolveClosed: () => void = () => {};

  constructor() {
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  send(frame: Frame, options?: SendOptions): void {
    if (this.state !== "open") return;
    this.#sent.push(frame);
    this.#compress.push(options?.compress);
    options?.sent?.();
  }

  close(): void {
    this.#end(1000);
  }

  terminate(): void {
    this.#end(1006);
  }

  /** What the server sent since the last call. */
  takeSent(): Frame[] {
    return this.#sent.splice(0);
  }

  /** Whether what the server sent since the last call was to be compressed. */
  takeCompress(): (boolean | undefined)[] {
    return this.#compress.splice(0);
  }

  receive(frame: Frame): void {
    if (this.state === "open") this.listener?.message(frame);
  }

  /** The link breaks. */
  drop(): void {
    this.#end(1006);
  }

  #end(code: number): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.listener?.closed(code);
    this.#resolveClosed();
  }
}
