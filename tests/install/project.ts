import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { npmInstall, plainEnv, run } from "../npm.ts";
import type { PackageName, Packed } from "../packed.ts";

const FILES = fileURLToPath(new URL("files/", import.meta.url));

/** Under which names the project knows the packages. */
export type Names = "own" | "alias";

/** A project of a user: a folder with nothing but a manifest, in which npm has installed our tarballs. */
export class Project {
  readonly folder: string;
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
    this.folder = mkdtempSync(join(tmpdir(), `bowline-${names}-`));
  }

  async install(
    packed: Readonly<Record<PackageName, Packed>>,
    tools: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const file = (name: PackageName): string => `file:${packed[name].tarball}`;
    const [server, client] = this.#dependencies();
    const manifest = {
      name: "fresh",
      private: true,
      dependencies: { [server]: file("server"), [client]: file("client") },
      devDependencies: tools,
      overrides: { "@bowline/protocol": file("protocol") }, // from a registry it would come by itself
    };
    this.write("package.json", JSON.stringify(manifest));
    await npmInstall(this.folder);
  }

  #dependencies(): readonly [server: string, client: string] {
    return this.#names === "alias"
      ? ["socket.io", "socket.io-client"]
      : ["@bowline/server", "@bowline/client"];
  }

  /** Copies files of `files/`, which are written for Socket.IO's names. */
  take(...files: readonly string[]): void {
    const [server, client] = this.#dependencies();
    for (const name of files) {
      const text = readFileSync(join(FILES, name), "utf8");
      const named = text
        .replaceAll('"socket.io"', `"${server}"`)
        .replaceAll('"socket.io-client"', `"${client}"`);
      this.write(name, named);
    }
  }

  write(name: string, text: string): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  copy(from: string, to: string): void {
    cpSync(join(this.folder, from), join(this.folder, to));
  }

  /** What a program of the project prints until it ends by itself. */
  async node(...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await run(process.execPath, args, { cwd: this.folder, timeoutMs: 20_000 });
    return stderr + stdout;
  }

  /** Runs a tool that the project has installed, and returns what it printed. */
  async bin(name: string, ...args: readonly string[]): Promise<string> {
    const path = join(this.folder, "node_modules", ".bin", name);
    const { stdout, stderr } = await run(path, args, { cwd: this.folder });
    return stderr + stdout;
  }

  /** Starts a program that prints its port first, hands its address to `use`, and lets it end. */
  async serving<T>(args: readonly string[], use: (address: string) => Promise<T>): Promise<T> {
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      env: plainEnv(),
      stdio: ["pipe", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    const early = ended.then(([code]) => Promise.reject(new Error(`${args.join(" ")} ended with ${code}`)));
    try {
      const printed = once(createInterface(child.stdout), "line");
      const [port] = (await Promise.race([printed, early])) as [string];
      return await use(`http://localhost:${port}/`);
    } finally {
      early.catch(() => {}); // after its address was used it is meant to end
      child.stdin.end();
      await ended;
    }
  }

  /** The packages that npm has put there. */
  installed(): readonly string[] {
    const list = (folder: string): readonly string[] =>
      readdirSync(join(this.folder, folder)).filter((name) => !name.startsWith("."));
    return list("node_modules").flatMap((name) =>
      name.startsWith("@") ? list(`node_modules/${name}`).map((sub) => `${name}/${sub}`) : [name],
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
