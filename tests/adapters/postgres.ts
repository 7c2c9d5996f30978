import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = "/usr/lib/postgresql";

/** Where Debian has the programs of the newest PostgreSQL; `undefined` where there is none. */
function binaries(): string | undefined {
  if (!existsSync(ROOT)) return undefined;
  const newest = readdirSync(ROOT)
    .toSorted((a, b) => Number(a) - Number(b))
    .at(-1);
  return newest && join(ROOT, newest, "bin");
}

export const hasPostgres: boolean = binaries() !== undefined;

/** A PostgreSQL of the test's own, reached through a socket in a folder that goes with it. */
export class Postgres {
  readonly url: string;
  readonly #server: ChildProcess;
  readonly #folder: string;

  private constructor(server: ChildProcess, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.url = `postgres://postgres@/postgres?host=${encodeURIComponent(folder)}`;
  }

  static async start(): Promise<Postgres> {
    const bin = binaries();
    if (!bin) throw new Error("PostgreSQL is not installed");
    const folder = mkdtempSync(join(tmpdir(), "bowline-pg-"));
    // It refuses to run as root, so there it runs as the user that its package made.
    const as = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : ["env"];
    if (as[0] === "runuser") execFileSync("chown", ["postgres", folder]);
    else chmodSync(folder, 0o700);
    const [command = "", ...prefix] = as;
    const data = join(folder, "data");
    execFileSync(
      command,
      [...prefix, `${bin}/initdb`, "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"],
      {
        stdio: "ignore",
        cwd: folder,
      },
    );
    const flags = ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"];
    const server = spawn(command, [...prefix, `${bin}/postgres`, ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
      cwd: folder,
    });
    let said = "";
    await new Promise<void>((resolve, reject) => {
      server.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes("ready to accept connections")) resolve();
      });
      server.once("exit", () => reject(new Error(`PostgreSQL did not start: ${said}`)));
    });
    return new Postgres(server, folder);
  }

  async stop(): Promise<void> {
    const gone = once(this.#server, "exit");
    // Of the server itself, which runuser stands before. SIGINT is "fast": it does not wait for clients.
    process.kill(
      Number(readFileSync(join(this.#folder, "data/postmaster.pid"), "utf8").split("\n")[0]),
      "SIGINT",
    );
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
