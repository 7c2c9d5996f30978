import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../uws-app.ts";

const BINARY = process.env["BOWLINE_NGINX"] ?? "/usr/sbin/nginx";

/** Why tests behind nginx cannot run here, if they cannot; said aloud, since a skipped test says nothing. */
export const nginxMissing: string | undefined = findMissing();

function findMissing(): string | undefined {
  if (spawnSync(BINARY, ["-v"]).status === 0) return undefined;
  console.log(`!! NOT RUN: the tests behind nginx, because ${BINARY} is missing.`);
  console.log("!! Install it (Debian: apt-get install nginx) or name another binary in BOWLINE_NGINX.");
  return `${BINARY} is missing`;
}

/** A server of its own on loopback. What is not said here is nginx's default: it buffers, and asks with HTTP/1.0. */
function configuration(port: number, target: number, more: string): string {
  return `
    ${process.getuid?.() === 0 ? "user root;" : ""}
    daemon off;
    worker_processes 1;
    pid nginx.pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      client_body_temp_path body;
      proxy_temp_path proxy;
      fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi;
      scgi_temp_path scgi;
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://127.0.0.1:${target};
          ${more}
        }
      }
    }`;
}

export class Nginx {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, process: ChildProcess, folder: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#process = process;
    this.#folder = folder;
  }

  /** In front of that port, with `more` in its `location`. */
  static async to(target: number, more = ""): Promise<Nginx> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const nginx = await Nginx.#tryStart(await freePort(), target, more);
      if (nginx) return nginx;
    }
    throw new Error("nginx does not start");
  }

  static async #tryStart(port: number, target: number, more: string): Promise<Nginx | undefined> {
    const folder = mkdtempSync(join(tmpdir(), "bowline-nginx-"));
    writeFileSync(join(folder, "nginx.conf"), configuration(port, target, more));
    const child = spawn(BINARY, ["-p", `${folder}/`, "-c", "nginx.conf"], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const nginx = new Nginx(port, child, folder);
    while (child.exitCode === null) if (await listens(port)) return nginx;
    await nginx.stop();
    return undefined;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.kill("SIGTERM")) await once(this.#process, "exit");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1");
    probe.once("connect", () => resolve(true)).once("error", () => resolve(false));
    probe.once("connect", () => probe.destroy());
  });
}
