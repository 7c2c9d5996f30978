import type { Contestant } from "./contestants.ts";
import type { TransportName } from "./load/link.ts";
import type { Sample } from "./load/meter.ts";
import { Generator } from "./measure/generator.ts";
import type { Role } from "./measure/pinning.ts";
import { RunningServer } from "./measure/server.ts";
import type { Results } from "./results.ts";
import type { Scale } from "./scale.ts";
import type { Mode } from "./targets/ready.ts";

/** A contestant that runs, and the name of its clients at the generator. */
export interface Entrant {
  readonly contestant: Contestant;
  readonly server: RunningServer;
  readonly generator: Generator;
  readonly crowd: string;
}

export interface EnterOptions {
  readonly count: number;
  readonly mode?: Mode;
  readonly transport?: TransportName;
  /** Whose clients they are, where it is not the one that all share. */
  readonly generator?: Generator;
}

export interface BenchOptions {
  readonly contestants: readonly Contestant[];
  readonly scale: Scale;
  readonly results: Results;
}

/** What a workload works with: the generator, and servers that are stopped when it is done. */
export class Bench {
  readonly contestants: readonly Contestant[];
  readonly scale: Scale;
  readonly results: Results;
  readonly generator: Generator;
  #servers: RunningServer[] = [];
  #generators: Generator[] = [];
  #crowds = 0;

  private constructor(options: BenchOptions, generator: Generator) {
    this.contestants = options.contestants;
    this.scale = options.scale;
    this.results = options.results;
    this.generator = generator;
  }

  static async open(options: BenchOptions): Promise<Bench> {
    return new Bench(options, await Generator.start());
  }

  async start({ target }: Contestant, mode: Mode = "full"): Promise<RunningServer> {
    const server = await RunningServer.start(target, mode);
    this.#servers.push(server);
    return server;
  }

  /** One more, for what a single one has no room for. Until `stopServers`. */
  async anotherGenerator(role?: Role): Promise<Generator> {
    const generator = await Generator.start(role);
    this.#generators.push(generator);
    return generator;
  }

  /** A server of its own, and so many clients. */
  async enter(contestant: Contestant, options: EnterOptions): Promise<Entrant> {
    const { generator = this.generator } = options;
    const server = await this.start(contestant, options.mode);
    const { crowd } = await this.connect(contestant, server, options);
    return { contestant, server, generator, crowd };
  }

  /** Clients for a server that runs already, and what each thousand of them cost. */
  async connect(
    { client }: Contestant,
    { port, pid }: RunningServer,
    { count, transport = "websocket", generator = this.generator }: EnterOptions,
  ): Promise<{ crowd: string; steps: Sample[] }> {
    this.#crowds += 1;
    const crowd = `crowd ${this.#crowds}`;
    const options = { port, pid, kind: client, transport, count };
    return { crowd, steps: await generator.all({ do: "open", crowd, options }) };
  }

  async enterAll(contestants: readonly Contestant[], options: EnterOptions): Promise<Entrant[]> {
    const entrants: Entrant[] = [];
    for (const contestant of contestants) entrants.push(await this.enter(contestant, options));
    return entrants;
  }

  /** All once for nothing, then in turns, A B A B. */
  async inTurns<Each>(
    all: readonly Each[],
    measure: (each: Each, isWarmUp: boolean) => Promise<void>,
  ): Promise<void> {
    for (const each of all) await measure(each, true);
    for (let round = 0; round < this.scale.rounds; round += 1) {
      for (const each of all) await measure(each, false);
    }
  }

  /** And the generators that were more than one. */
  async stopServers(): Promise<void> {
    await Promise.all(this.#generators.splice(0).map((generator) => generator.stop()));
    await Promise.all(this.#servers.splice(0).map((server) => server.stop()));
  }

  async close(): Promise<void> {
    await this.generator.stop();
    await this.stopServers();
  }
}
