import type { CloseReason, Frame } from "@bowline/protocol";
import type { ConnectionInfo } from "./connection-info.ts";
import type { EngineIncoming } from "./incoming.ts";
import { type AnySession, DEAF, type SessionListener } from "./session-listener.ts";
import type { OutgoingPacket } from "./transport.ts";

/** What there is of an Engine.IO Socket that we use. */
export interface ForeignSocket {
  readonly id: string;
  readonly protocol?: number;
  readonly readyState: string;
  readonly transport: { readonly writable: boolean };
  readonly request?: EngineIncoming | null;
  readonly remoteAddress?: string;
  on(event: string, listener: (...args: never[]) => void): unknown;
  write(data: Frame, options: { readonly compress: boolean }, callback?: () => void): unknown;
  close(discard?: boolean): unknown;
}

/** What `io.bind` takes: Engine.IO's own server, or what is made like it. */
export interface ForeignEngine {
  on(event: "connection", listener: (socket: ForeignSocket) => void): unknown;
  close(): unknown;
}

/** A connection of another engine, seen as one of ours. */
export class BoundSession implements AnySession {
  readonly conn: ForeignSocket;
  readonly info: ConnectionInfo;
  listener: SessionListener = DEAF;
  readonly #failed: (error: unknown) => void;
  #isOver = false;

  /** `failed` takes what the listener throws: it must not unwind into the other engine. */
  constructor(conn: ForeignSocket, openedAt: number, failed: (error: unknown) => void) {
    this.conn = conn;
    this.info = describe(conn, openedAt);
    this.#failed = failed;
    conn.on("data", (data: Frame | ArrayBuffer) => {
      const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
      this.#tell(() => this.listener.message(frame));
    });
    conn.on("drain", () => this.#tell(() => this.listener.drain?.()));
    conn.on("close", (reason: CloseReason, description: unknown) => this.#end(reason, description));
  }

  get id(): string {
    return this.conn.id;
  }

  get state(): string {
    return this.#isOver ? "closed" : this.conn.readyState;
  }

  get writable(): boolean {
    return this.state === "open" && this.conn.transport.writable;
  }

  get request(): EngineIncoming {
    return this.conn.request as EngineIncoming;
  }

  /** The other engine's affair; nothing that would need it is agreed on. */
  readonly bufferedAmount = 0;
  readonly offers = false;

  flush(): void {}

  /** Pings are the other engine's affair. */
  sendPacket({ type, data, options }: OutgoingPacket): void {
    if (type === "message") this.conn.write(data, { compress: options?.compress !== false }, options?.sent);
  }

  /** Tells at once, as ours does; what was sent before still leaves. */
  close(discard = false): void {
    if (this.state !== "open") return;
    this.conn.close(discard);
    this.#end("forced close", undefined);
  }

  abandon(): void {
    this.close(true);
  }

  #end(reason: CloseReason, description: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tell(() => this.listener.close(reason, description));
  }

  #tell(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#failed(error);
    }
  }
}

/** Over WebTransport there is no request. */
function describe({ request, remoteAddress = "" }: ForeignSocket, openedAt: number): ConnectionInfo {
  const socket = request?.socket as { readonly encrypted?: boolean } | undefined;
  return {
    headers: (request?.headers ?? {}) as Readonly<Record<string, string>>,
    url: request?.url ?? "",
    query: request?._query ?? {},
    remoteAddress,
    secure: request ? socket?.encrypted === true : true,
    openedAt,
  };
}
