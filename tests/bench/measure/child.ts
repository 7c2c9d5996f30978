import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { choosePinning, type Role } from "./pinning.ts";
import { preferSession } from "./priority.ts";

export const PINNING = choosePinning();

/** The JavaScript of all this: beside us, or, where vitest runs the sources, in `dist`. */
const BUILT = new URL(import.meta.url.endsWith(".ts") ? "../dist/bench/" : "../", import.meta.url);

/** Collects when it is asked to, and is as a server in production is. */
const FLAGS = ["--expose-gc"];

export interface ChildOptions {
  /** From here, without its ending: `targets/floor-ws`. */
  readonly file: string;
  readonly role: Role;
  readonly env?: Readonly<Record<string, string>>;
}

/** A process of ours with a channel to it; without the channel it ends by itself. */
export class Child {
  readonly process: ChildProcess;
  readonly #name: string;

  constructor({ file, role, env = {} }: ChildOptions) {
    this.#name = file;
    const path = fileURLToPath(new URL(`${file}.js`, BUILT));
    const [command, ...args] = [...PINNING.before[role], process.execPath, ...FLAGS, path];
    this.process = spawn(command, args, {
      env: { ...process.env, NODE_ENV: "production", NODE_OPTIONS: "", ...env },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      detached: true, // a session of its own
    });
    if (this.process.pid !== undefined) preferSession(this.process.pid);
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`${this.#name} does not run`);
    return this.process.pid;
  }

  /** The next message, or an error when it ends before. */
  async ask<Answer>(message: unknown): Promise<Answer> {
    const answer = this.next<Answer>();
    this.process.send(message as object);
    return answer;
  }

  next<Answer>(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { process: child } = this;
      const onExit = (code: number | null, signal: string | null): void => {
        child.off("message", onMessage);
        reject(new Error(`${this.#name} ended with ${signal ?? code}`));
      };
      const onMessage = (answer: unknown): void => {
        child.off("exit", onExit);
        resolve(answer as Answer);
      };
      child.once("exit", onExit);
      child.once("message", onMessage);
    });
  }

  async stop(): Promise<void> {
    const child = this.process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL"); // nothing of it is wanted any more, and some have thousands of connections to say farewell to
    await gone;
  }
}
