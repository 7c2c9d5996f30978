import type { ControlAnswer, Question } from "../targets/control.ts";
import type { Mode } from "../targets/ready.ts";
import { Child } from "./child.ts";
import { type Memory, memoryOf } from "./proc.ts";

/** A target that runs. */
export class RunningServer {
  readonly port: number;
  readonly #child: Child;

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(target: string, mode: Mode): Promise<RunningServer> {
    const child = new Child({ file: `targets/${target}`, role: "server", env: { PORT: "0", MODE: mode } });
    return new RunningServer(child, await readiness(child, target));
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Behind a collection of its garbage. */
  async memory(): Promise<Memory & { readonly heapKb: number; readonly youngKb: number }> {
    const { heapKb = NaN, youngKb = NaN } = await this.#ask("collect");
    return { ...memoryOf(this.pid), heapKb, youngKb };
  }

  /** The longest delay of its event loop while something is done, in milliseconds. */
  async longestDelayDuring(act: () => Promise<void>): Promise<number> {
    await this.#ask("watchLoop");
    await act();
    return (await this.#ask("loopDelay")).longestMs ?? NaN;
  }

  #ask(question: Question): Promise<ControlAnswer> {
    return this.#child.ask<ControlAnswer>(question);
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}

function readiness({ process: child }: Child, target: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const port = /^ready (\d+)$/m.exec(output)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${target} ended before it was ready: ${output}`)));
  });
}
