import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../apps/chat/dist/server/main.js", import.meta.url));

/** The chat as `npm start` runs it, in a process of its own, so that it can be killed. */
export class ChatServer {
  readonly port: number;
  readonly #host: string;
  readonly #paceMs: number;
  #process: ChildProcess | undefined;

  private constructor(host: string, port: number, paceMs: number) {
    this.#host = host;
    this.#paceMs = paceMs;
    this.port = port;
  }

  /** `paceMs`: from token to token of the assistant. */
  static async start(host: string, paceMs: number): Promise<ChatServer> {
    const server = new ChatServer(host, await freePort(), paceMs);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it says that it listens. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        ...process.env,
        PORT: String(this.port),
        BOWLINE_HOST: this.#host,
        ASSISTANT_PACE_MS: String(this.#paceMs),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    let output = "";
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes("http://")) resolve();
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("exit", (code) =>
        reject(new Error(`the chat ended with ${code} before it listened: ${output}`)),
      );
    });
  }

  /** As a crash: nobody is told. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

/** Below the range that outgoing connections take their ports from, so that it is still free after a restart. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = net.createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (isFree) {
      server.close();
      await once(server, "close");
      return port;
    }
  }
  throw new Error("found no free port between 20000 and 32000");
}
