import { jsonCodec } from "@bowline/protocol";
import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import type { ConnectionInfo } from "../engine/connection-info.ts";
import type { EngineOptions } from "../engine/engine-options.ts";
import { Engine } from "../engine/engine.ts";
import { nodeRuntime } from "../runtime.ts";
import { Connection, type ConnectionHost } from "../socket/connection.ts";
import type { NamespaceHost } from "../socket/namespace-host.ts";
import type { Namespace } from "../socket/namespace.ts";
import { Namespaces } from "../socket/namespaces.ts";
import { type ConnectionStateRecoveryOptions, resolveRecovery } from "../socket/recovery-options.ts";
import { RecoverySweep } from "../socket/recovery-sweep.ts";
import { type ResumptionOptions, resolveResumption } from "../socket/resumption-options.ts";
import { ResumptionPool } from "../socket/resumption-pool.ts";
import type { Socket } from "../socket/socket.ts";
import { DEFAULTS } from "./engine-world.ts";
import { MemoryHost, type MemoryPeer } from "./memory-host.ts";

export interface SocketWorldOptions {
  readonly recovery?: ConnectionStateRecoveryOptions | boolean;
  readonly resumption?: ResumptionOptions | boolean;
  readonly engine?: Partial<EngineOptions>;
  /** Whether a child of a pattern goes when its last socket does. */
  readonly cleanupEmptyChildren?: boolean;
}

/** Namespaces over an engine, a host without a network, and a clock that stands still. */
export class SocketWorld {
  readonly clock: VirtualClock = virtualClock();
  readonly namespaces: Namespaces;
  /** The main one. */
  readonly nsp: Namespace;
  readonly engine: Engine;
  readonly host: MemoryHost = new MemoryHost();
  readonly errors: unknown[] = [];
  /** All sockets that `connection` told of in the main namespace. */
  readonly sockets: Socket[] = [];
  readonly pool: ResumptionPool | undefined;
  #ids = 0;
  #opened = 0;

  constructor({
    recovery: recoveryOption,
    resumption: resumptionOption = false,
    engine,
    cleanupEmptyChildren = false,
  }: SocketWorldOptions = {}) {
    const runtime = {
      clock: this.clock,
      createId: () => `id${String(++this.#ids).padStart(6, "0")}`,
      wallClock: () => 1_700_000_000_000,
      describeTime: String,
      createIncoming: (info: ConnectionInfo) => nodeRuntime.createIncoming(info),
    };
    const recovery = resolveRecovery(recoveryOption, DEFAULTS.pingIntervalMs + DEFAULTS.pingTimeoutMs);
    const resumption = resolveResumption(resumptionOption);
    this.pool = resumption && new ResumptionPool(resumption, this.clock);
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
      resumption: this.pool,
      namespace: (name) => this.namespaces.byName.get(name),
      findNamespace: (name, auth, found) => this.namespaces.find(name, auth, found),
      nextNumber: () => ++this.#opened,
      settled() {},
    };
    this.engine = new Engine(
      { ...DEFAULTS, ...(resumption && { extensions: { rs: 1 } }), ...engine },
      runtime,
      {
        session: (session) => void new Connection(session, shared),
        error: (error) => this.errors.push(error),
      },
    );
    this.host.start(this.engine);
    this.namespaces = new Namespaces(shared, { cleanupEmptyChildren, maxChildren: Infinity });
    this.nsp = this.namespaces.named("/") as unknown as Namespace;
    this.nsp.on("connection", (socket) => void this.sockets.push(socket));
  }

  /** The socket that is there now with that id. */
  socket(id: string): Socket {
    const socket = this.nsp.sockets.get(id);
    if (!socket) throw new Error(`no socket ${id}`);
    return socket;
  }

  link(): Promise<MemoryPeer> {
    return this.host.connect();
  }
}
