import { RealtimeError } from "@bowline/protocol";
import { clientPaths, serveClientFile } from "./client-files.ts";
import { BoundSession, type ForeignEngine } from "./engine/bound-session.ts";
import { Engine } from "./engine/engine.ts";
import type { AnySession } from "./engine/session-listener.ts";
import { NodeDoor } from "./host/host-node-door.ts";
import type { Host, HostHandler, HostLink } from "./host/host.ts";
import type { ResolvedOptions } from "./options.ts";

export interface LinksOwner {
  session(session: AnySession): void;
  failed(stage: "engine" | "host", error: unknown): void;
  /** `io.engine.attach`. */
  attach(server: unknown, options: unknown): void;
}

/** A server's engine and the hosts that call it. */
export class Links {
  readonly #owner: LinksOwner;
  #options: ResolvedOptions;
  #engine: Engine;
  readonly #engines = new Set<Engine>();
  readonly #foreign = new Set<ForeignEngine>();
  #bound: Engine | undefined;
  readonly #links: HostLink[] = [];
  /** How many native servers the engine answers on. */
  #open = 0;
  #door: NodeDoor | undefined;

  constructor(options: ResolvedOptions, owner: LinksOwner) {
    this.#owner = owner;
    this.#options = options;
    this.#engine = this.#makeEngine(options);
  }

  /** That of the last `attach` with options of its own, or of the last `bind`, as in Socket.IO. */
  get engine(): Engine {
    return this.#bound ?? this.#engine;
  }

  /** Takes the connections of another engine, and closes it with ours. */
  bind(engine: ForeignEngine | Engine): void {
    if (engine === this.#engine) return; // it is bound already, and would be heard twice
    assertEngine(engine);
    if (this.#foreign.has(engine)) return;
    this.#foreign.add(engine);
    // To who asks it is the engine, though it is not one of ours.
    this.#bound = engine as unknown as Engine;
    const failed = (error: unknown): void => this.#owner.failed("engine", error);
    engine.on("connection", (conn) => {
      // Socket.IO 2: not served, and it would wait for ever.
      if (conn.protocol === 3) conn.close(true);
      else this.#owner.session(new BoundSession(conn, this.#options.runtime.wallClock(), failed));
    });
  }

  /** Of what is started from now on. */
  change({ path, serveClient }: Pick<ResolvedOptions, "path" | "serveClient">): void {
    this.#options = { ...this.#options, path, serveClient };
  }

  get connectionsCount(): number {
    let count = 0;
    for (const engine of this.#engines) count += engine.size;
    return count;
  }

  /** Options of its own make an engine of its own. */
  start(host: Host, options?: ResolvedOptions): void {
    if (options) {
      this.#options = options;
      this.#engine = this.#makeEngine(options);
      this.#bound = undefined;
      this.#open = 0;
    }
    const { path, serveClient, host: settings, engine } = this.#options;
    const files = serveClient ? clientPaths(path) : [];
    const { maxPayload } = engine;
    const onError = (error: unknown): void => this.#owner.failed("host", error);
    const link = host.start(this.#handler(files), { path, files, maxPayload, ...settings, onError });
    this.#links.push(link);
    this.#open++;
  }

  async close(): Promise<void> {
    for (const engine of this.#engines) engine.close();
    for (const engine of this.#foreign) engine.close();
    this.#door?.stop();
    await Promise.all(this.#links.map((link) => link.stop()));
    this.#door?.cutPeers();
  }

  #makeEngine({ engine: options, named, runtime }: ResolvedOptions): Engine {
    const owner = this.#owner;
    const engine: Engine = new Engine(
      options,
      runtime,
      {
        session: (session) => owner.session(session),
        error: (error) => owner.failed("engine", error),
        door: () => this.#openDoor(engine),
        attach: (server, given) => owner.attach(server, given),
      },
      named,
    );
    this.#engines.add(engine);
    return engine;
  }

  #handler(files: readonly string[]): HostHandler {
    const engine = this.#engine;
    const { cors } = this.#options.engine;
    const served: ReadonlySet<string> = new Set(files);
    return {
      request: (request) =>
        served.has(request.path) ? serveClientFile(request, cors) : engine.request(request),
      upgrade: (request) => engine.upgrade(request),
      // Sessions are not tied to the host that they came over, so they end with the last one.
      hostClosed: () => {
        if (engine === this.#engine && --this.#open === 0) engine.closeSessions();
      },
    };
  }

  #openDoor(engine: Engine): NodeDoor {
    if (engine !== this.#engine) {
      throw new RealtimeError(
        "invalid_argument",
        "this engine was replaced: io.engine is another one since io.attach",
      );
    }
    const { host: settings, engine: options } = this.#options;
    const onError = (error: unknown): void => this.#owner.failed("host", error);
    this.#door ??= new NodeDoor(engine, { maxPayload: options.maxPayload, ...settings, onError });
    return this.#door;
  }
}

function assertEngine(engine: unknown): asserts engine is ForeignEngine {
  const { on, close } = Object(engine) as Partial<ForeignEngine>;
  if (typeof on === "function" && typeof close === "function") return;
  const wanted = 'pass a server of Engine.IO, or what has its "connection" event and close()';
  throw new RealtimeError("invalid_argument", `io.bind: this is no engine; ${wanted}`);
}
