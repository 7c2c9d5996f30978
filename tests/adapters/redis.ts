import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BINARY = process.env["BOWLINE_REDIS"] ?? "redis-server";

/** Why tests on Redis cannot run here, if they cannot; said aloud, since a skipped test says nothing. */
export const redisMissing: string | undefined = findMissing();

function findMissing(): string | undefined {
  if (spawnSync(BINARY, ["--version"]).status === 0) return undefined;
  console.log(`!! NOT RUN: the tests on Redis, because ${BINARY} is missing.`);
  console.log(
    "!! Install it (Debian: apt-get install redis-server) or name another binary in BOWLINE_REDIS.",
  );
  return `${BINARY} is missing`;
}

/** A server of its own, on loopback, that keeps nothing. */
export class Redis {
  readonly url: string;
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, process: ChildProcess, folder: string) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#process = process;
    this.#folder = folder;
  }

  static async start(): Promise<Redis> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const redis = await Redis.#tryStart(await freePort());
      if (redis) return redis;
    }
    throw new Error("redis-server does not start");
  }

  static async #tryStart(port: number): Promise<Redis | undefined> {
    const folder = mkdtempSync(join(tmpdir(), "bowline-redis-"));
    const options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
    const child = spawn(BINARY, ["--port", String(port), ...options], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const redis = new Redis(port, child, folder);
    let log = "";
    for await (const text of child.stdout.setEncoding("utf8")) {
      log += text;
      // Left to flow, or the loop's end would close its pipe.
      if (log.includes("Ready to accept connections")) break;
    }
    if (child.exitCode === null && log.includes("Ready to accept connections")) return redis;
    await redis.stop();
    return undefined;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.kill("SIGKILL")) await once(this.#process, "exit");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Below those that the system gives out by itself. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (isFree) return port;
  }
}
