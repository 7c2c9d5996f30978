import type { Command, Count } from "../load/commands.ts";
import type { Sample, Timed } from "../load/meter.ts";
import type { PacedOptions } from "../load/paced.ts";
import { Child } from "./child.ts";
import type { Role } from "./pinning.ts";

type Answer = { readonly result: Sample[] | Timed[] | Count } | { readonly error: string };

/** The load generator's process. */
export class Generator {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(role: Role = "load"): Promise<Generator> {
    const child = new Child({ file: "load/main", role });
    await child.next<Answer>();
    return new Generator(child);
  }

  async #perform(command: Command): Promise<Sample[] | Timed[] | Count> {
    const answer = await this.#child.ask<Answer>(command);
    if ("error" in answer) throw new Error(`${JSON.stringify(command)}: ${answer.error}`);
    return answer.result;
  }

  async all(command: Command): Promise<Sample[]> {
    return (await this.#perform(command)) as Sample[];
  }

  async one(command: Command): Promise<Sample> {
    const [sample] = await this.all(command);
    if (!sample) throw new Error(`${command.do} measures nothing`);
    return sample;
  }

  async count(crowd: string): Promise<Count> {
    return (await this.#perform({ do: "count", crowd })) as Count;
  }

  async paced(crowd: string, options: PacedOptions): Promise<Timed[]> {
    return (await this.#perform({ do: "paced", crowd, options })) as Timed[];
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
