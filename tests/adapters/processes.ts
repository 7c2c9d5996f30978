import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { io, type Socket } from "socket.io-client";

const APP = fileURLToPath(new URL("processes-app.mjs", import.meta.url));

export interface ProcessesOptions {
  readonly library: string;
  readonly adapter: "cluster" | "postgres";
  readonly pgUrl?: string;
}

/** The app of processes-app.mjs, running, and clients of it. */
export class Processes {
  readonly #primary: ChildProcess;
  readonly #url: string;
  readonly #clients: Socket[] = [];

  private constructor(primary: ChildProcess, url: string) {
    this.#primary = primary;
    this.#url = url;
  }

  static async start({ library, adapter, pgUrl = "" }: ProcessesOptions): Promise<Processes> {
    const env = { ...process.env, LIBRARY: library, ADAPTER: adapter, PG_URL: pgUrl };
    const primary = fork(APP, { env, execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const failed = once(primary, "exit").then(() => {
      throw new Error("the cluster ended before it listened");
    });
    const [port] = (await Promise.race([once(primary, "message"), failed])) as [number];
    failed.catch(() => {}); // it ends when it is told to
    return new Processes(primary, `http://127.0.0.1:${port}`);
  }

  /** A client of its own connection, connected. */
  async client(transports: string[]): Promise<Socket> {
    const client = io(this.#url, { transports, forceNew: true });
    this.#clients.push(client);
    await new Promise<void>((resolve) => client.once("connect", resolve));
    return client;
  }

  /** One client on each of the two servers, which know of each other. */
  async pair(transports: string[]): Promise<{ readonly a: Socket; readonly b: Socket }> {
    const a = await this.client(transports);
    const home = await a.emitWithAck("me");
    let b = await this.client(transports);
    // In turn, as a rule; but a request that was made twice takes a turn as well.
    while ((await b.emitWithAck("me")) === home) b = await this.client(transports);
    for (const client of [a, b]) await until(async () => (await client.emitWithAck("servers")) === 2);
    return { a, b };
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    const gone = once(this.#primary, "exit");
    this.#primary.disconnect();
    await gone;
  }
}

/** Asks again until it is so: what two servers know of each other has no event to wait for. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
