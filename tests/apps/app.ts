import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { io as bowline } from "@bowline/client";
import * as stock from "socket.io-client";
import { inject } from "vitest";
import { npmInstall, plainEnv, run, unlessOffline } from "../npm.ts";
import { KEPT } from "../packed.ts";

/** Whose the names `socket.io` and `socket.io-client` are: ours, or Socket.IO's to prove that app and test are right. */
export const LIBRARY: "bowline" | "stock" = process.env["BOWLINE_APPS"] === "stock" ? "stock" : "bowline";

const STOCK = { "socket.io": "4.8.4", "socket.io-client": "4.8.4" };

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** How the clients of the tests are made. */
export type Io = typeof stock.io;

/** An app that was written for Socket.IO: a folder beside this file, installed outside the workspace. */
export class App {
  readonly name: string;
  /** Kept for the next run, so that npm has only our packages to put anew. */
  readonly folder: string;

  private constructor(name: string) {
    this.name = name;
    this.folder = join(KEPT, "apps", `${name}-${LIBRARY}`);
  }

  /** Not there where npm's registry is out of reach; then it was said aloud. */
  static async install(name: string): Promise<App | undefined> {
    const app = new App(name);
    const began = performance.now();
    const online = await unlessOffline(() => app.#install());
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (online) console.log(`${name} on ${LIBRARY}: installed in ${seconds} s`);
    return online ? app : undefined;
  }

  async #install(): Promise<void> {
    const source = fileURLToPath(new URL(`${this.name}/`, import.meta.url));
    mkdirSync(this.folder, { recursive: true });
    for (const old of readdirSync(this.folder)) {
      if (old !== "node_modules") rmSync(join(this.folder, old), { recursive: true });
    }
    cpSync(source, this.folder, { recursive: true });
    const path = join(this.folder, "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    const { dependencies, overrides } = ours();
    const wanted = Object.entries(dependencies).filter(([name]) => name in manifest.dependencies);
    const changed = {
      ...manifest,
      dependencies: { ...manifest.dependencies, ...Object.fromEntries(wanted) },
      overrides,
    };
    writeFileSync(path, JSON.stringify(changed, undefined, 2));
    await npmInstall(this.folder);
    if (manifest.scripts?.["build"]) {
      await run("npm", ["run", "--silent", "build"], { cwd: this.folder, timeoutMs: 180_000 });
    }
  }

  /** Starts `npm start`'s program on a free port, and waits for the address that it prints. */
  async start(): Promise<Running> {
    const manifest = JSON.parse(readFileSync(join(this.folder, "package.json"), "utf8")) as Manifest;
    const [command = "", ...args] = (manifest.scripts?.["start"] ?? "").split(" ");
    const child = spawn(command === "node" ? process.execPath : command, args, {
      cwd: this.folder,
      env: { ...plainEnv(), PORT: "0", NEXT_TELEMETRY_DISABLED: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    return Running.of(child);
  }

  /** The stock client; and on Bowline its own, from the app's folder if the app has it. */
  async clients(): Promise<Readonly<Record<string, Io>>> {
    if (LIBRARY === "stock") return { "the stock client": stock.io };
    const path = createRequire(join(this.folder, "package.json"));
    const own = existsSync(join(this.folder, "node_modules/socket.io-client"))
      ? ((await import(pathToFileURL(path.resolve("socket.io-client")).href)) as { io: Io }).io
      : (bowline as unknown as Io);
    return { "Bowline's client": own, "the stock client": stock.io };
  }
}

function ours(): {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
} {
  if (LIBRARY === "stock") return { dependencies: STOCK, overrides: STOCK };
  const packed = inject("packed");
  const dependencies = {
    "socket.io": `file:${packed.server.tarball}`,
    "socket.io-client": `file:${packed.client.tarball}`,
  };
  return {
    dependencies,
    overrides: { ...dependencies, "@bowline/protocol": `file:${packed.protocol.tarball}` },
  };
}

/** A program that was started. Whoever starts it stops it. */
export class Running {
  readonly url: string;
  /** The code that it ends with by itself. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcessByStdio<null, Readable, null>;

  private constructor(child: ChildProcessByStdio<null, Readable, null>, url: string) {
    this.#child = child;
    this.url = url;
    this.ended = once(child, "exit").then(([code]) => code as number | null);
  }

  static async of(child: ChildProcessByStdio<null, Readable, null>): Promise<Running> {
    const printed: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      printed.push(line);
      const [url] = /http:\/\/localhost:\d+/.exec(line) ?? [];
      if (!url) continue;
      child.stdout.resume();
      return new Running(child, url);
    }
    throw new Error(`it ended and printed no address:\n${printed.join("\n")}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill("SIGTERM");
    await this.ended;
  }
}
