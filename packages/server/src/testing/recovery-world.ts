import { type Decoder, type Frame, jsonCodec, type Packet } from "@bowline/protocol";
import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import type { ConnectionInfo } from "../engine/connection-info.ts";
import { Engine } from "../engine/engine.ts";
import { nodeRuntime } from "../runtime.ts";
import { Connection, type ConnectionHost } from "../socket/connection.ts";
import type { NamespaceHost } from "../socket/namespace-host.ts";
import { Namespace } from "../socket/namespace.ts";
import { type ConnectionStateRecoveryOptions, resolveRecovery } from "../socket/recovery-options.ts";
import { RecoverySweep } from "../socket/recovery-sweep.ts";
import type { Recovery } from "../socket/recovery.ts";
import type { Socket } from "../socket/socket.ts";
import { DEFAULTS } from "./engine-world.ts";
import { MemoryHost, type MemoryPeer } from "./memory-host.ts";

/** A namespace with recovery over an engine, a host without a network, and a clock that stands still. */
export class RecoveryWorld {
  readonly clock: VirtualClock = virtualClock();
  readonly nsp: Namespace;
  readonly engine: Engine;
  readonly errors: unknown[] = [];
  /** All sockets that `connection` told of. */
  readonly sockets: Socket[] = [];
  readonly #host = new MemoryHost();
  #ids = 0;
  #opened = 0;

  constructor(options: ConnectionStateRecoveryOptions | boolean = true) {
    const runtime = {
      clock: this.clock,
      createId: () => `id${String(++this.#ids).padStart(6, "0")}`,
      wallClock: () => 1_700_000_000_000,
      describeTime: String,
      createIncoming: (info: ConnectionInfo) => nodeRuntime.createIncoming(info),
    };
    const recovery = resolveRecovery(options, DEFAULTS.pingIntervalMs + DEFAULTS.pingTimeoutMs);
    const shared: NamespaceHost & ConnectionHost = {
      server: undefined as never,
      adapter: undefined,
      unanswered: new Set(),
      codec: jsonCodec(),
      runtime,
      onError: (error) => this.errors.push(error),
      recovery: recovery && {
        options: recovery,
        sweep: new RecoverySweep(this.clock, recovery.maxAwayMs),
      },
      namespace: (name) => (name === "/" ? this.nsp : undefined),
      findNamespace: (_name, _auth, found) => found(),
      nextNumber: () => ++this.#opened,
      settled() {},
    };
    this.engine = new Engine(DEFAULTS, runtime, {
      session: (session) => void new Connection(session, shared),
      error: (error) => this.errors.push(error),
    });
    this.#host.start(this.engine);
    this.nsp = new Namespace("/", shared);
    this.nsp.on("connection", (socket) => void this.sockets.push(socket));
  }

  get recovery(): Recovery {
    return this.nsp._sessions as Recovery;
  }

  /** The socket that is there now with that id. */
  socket(id: string): Socket {
    const socket = this.nsp.sockets.get(id);
    if (!socket) throw new Error(`no socket ${id}`);
    return socket;
  }

  link(): Promise<MemoryPeer> {
    return this.#host.connect();
  }
}

/** What a client heard, without its offset. */
export type Heard = readonly unknown[];

/**
 * A client that does what socket.io-client 4.8.4 does for recovery: it sends back `pid` and its last offset, which is
 * the last part of the last event that wanted no answer, if that was a string.
 */
export class RecoveryClient {
  readonly #world: RecoveryWorld;
  #decoder: Decoder = jsonCodec().decoder();
  peer: MemoryPeer | undefined;
  id: string | undefined;
  pid: string | undefined;
  offset: string | undefined;
  recovered = false;
  connected = false;
  /** The server answered CONNECT. */
  onConnect: (() => void) | undefined;
  /** The server sent it away. */
  onDisconnect: (() => void) | undefined;
  /** Everything on the wire, since the last look. */
  frames: Frame[] = [];
  /** The data of events, as they came. */
  events: unknown[][] = [];

  constructor(world: RecoveryWorld) {
    this.#world = world;
  }

  /** A new link, whatever became of the last one, and CONNECT. */
  async connect(): Promise<this> {
    this.peer = await this.#world.link();
    this.#decoder = jsonCodec().decoder();
    this.connected = false;
    this.peer.receive(
      this.pid === undefined ? "40" : `40${JSON.stringify({ pid: this.pid, offset: this.offset })}`,
    );
    this.read();
    return this;
  }

  /** Takes what came; the rest, if it is to take less, is lost. */
  read(most: number = Infinity): this {
    for (const frame of (this.peer?.takeSent() ?? []).slice(0, most)) {
      this.frames.push(frame);
      if (frame === "2") this.peer?.receive("3");
      if (typeof frame === "string" && !frame.startsWith("4")) continue;
      const packet = this.#decoder.push(typeof frame === "string" ? frame.slice(1) : frame);
      if (packet) this.#take(packet);
    }
    return this;
  }

  /** What comes is lost, and the server does not know. */
  loseLink(most?: number): MemoryPeer | undefined {
    this.read(most);
    const { peer } = this;
    this.peer = undefined;
    this.connected = false;
    return peer;
  }

  /** The link breaks, and the server is told. */
  cut(most?: number): this {
    this.loseLink(most)?.drop();
    return this;
  }

  /** Events since the last look, without offsets. */
  heard(): Heard[] {
    this.read();
    return this.events.splice(0).map((data) => data.slice(0, -1));
  }

  #take(packet: Packet): void {
    if (packet.type === "connect") {
      const { sid, pid } = packet.data as { sid: string; pid?: string };
      this.recovered = pid !== undefined && pid === this.pid;
      this.id = sid;
      this.pid = pid;
      this.connected = true;
      this.onConnect?.();
    } else if (packet.type === "event") {
      const last = packet.data.at(-1);
      if (this.pid !== undefined && packet.id === undefined && typeof last === "string") this.offset = last;
      this.events.push([...packet.data]);
    } else if (packet.type === "disconnect") {
      this.connected = false;
      this.onDisconnect?.();
    }
  }
}
