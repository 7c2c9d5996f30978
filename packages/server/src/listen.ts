import { createServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer as createProbe } from "node:net";
import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { RealtimeError } from "@bowline/protocol";
import createDebug from "debug";
import { nodeHost } from "./host/host-node.ts";
import { uwsHost } from "./host/host-uws.ts";
import type { Host } from "./host/host.ts";
import type { UwsModule } from "./host/uws-api.ts";

const debug = createDebug("bowline:listen");

/** LIBUS_LISTEN_EXCLUSIVE_PORT. Without it two servers share a port, and each wonders where half its clients are. */
const EXCLUSIVE_PORT = 1;
/** A server of our own has nothing else to wait for; slow senders of headers only hold connections. */
const SERVER_TIMES = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 5_000 };

export interface ListenOptions {
  readonly hostname?: string | undefined;
  /** Default: uWebSockets.js where it can be loaded. */
  readonly prefer?: "node" | "uws" | undefined;
}

export interface ListenInfo {
  /** The host's name: `uWebSockets.js` or `node:http`. */
  readonly host: string;
  readonly port: number;
  /** Why this host and not the other. */
  readonly reason: string;
}

export interface OpenedHost {
  readonly host: Host;
  /** On node:http only. */
  readonly httpServer?: HttpServer;
  /** Rejects with `listen_failed`. */
  readonly listening: Promise<ListenInfo>;
}

type Loaded =
  | { readonly uws: UwsModule; readonly reason: string }
  | { readonly uws?: undefined; readonly reason: string };

/** Picks a host at once, so that its paths answer from the first connection on, and begins to listen. */
export function openHost(port: number, options: ListenOptions = {}): OpenedHost {
  const { uws, reason } = options.prefer === "node" ? { reason: "node:http was asked for" } : loadUws();
  const opened = uws ? listenOnUws(uws, port, options) : listenOnNode(port, options);
  debug("%s: %s", opened.host.name, reason);
  return { ...opened, listening: opened.listening.then((info) => ({ ...info, reason })) };
}

type Opened = Omit<OpenedHost, "listening"> & { readonly listening: Promise<Omit<ListenInfo, "reason">> };

function listenOnNode(port: number, { hostname }: ListenOptions): Opened {
  const httpServer = createServer(SERVER_TIMES);
  const host = nodeHost(httpServer);
  const listening = new Promise<Omit<ListenInfo, "reason">>((resolve, reject) => {
    httpServer.once("error", (error) => reject(listenFailed(port, error)));
    httpServer.once("close", () => reject(listenFailed(port, new Error("it was closed before it listened"))));
    httpServer.listen({ port, ...(hostname !== undefined && { host: hostname }) }, () => {
      resolve({ host: host.name, port: (httpServer.address() as AddressInfo).port });
    });
  });
  return { host, httpServer, listening };
}

function listenOnUws(uws: UwsModule, port: number, { hostname }: ListenOptions): Opened {
  const app = uws.App();
  const host = uwsHost(app);
  app.any("/*", (response) => {
    response.writeStatus("404 Not Found");
    response.end();
  });
  const listening = new Promise<Omit<ListenInfo, "reason">>((resolve, reject) => {
    const done = (socket: object | false): void => {
      if (socket) resolve({ host: host.name, port: uws.us_socket_local_port(socket) });
      else void whyNotListening(port, hostname).then((error) => reject(listenFailed(port, error)));
    };
    if (hostname === undefined) app.listen(port, EXCLUSIVE_PORT, done);
    else app.listen(hostname, port, EXCLUSIVE_PORT, done);
  });
  return { host, listening };
}

/**
 * Written so that a bundler leaves it alone: one that sees `createRequire` or an argument of `import.meta.resolve` wants
 * to have uWebSockets.js at build time, and in a bundle of CommonJS there is no `import.meta.url`.
 */
function loadUws(): Loaded {
  const { createRequire } = process.getBuiltinModule("node:module");
  const { url = pathToFileURL(process.cwd() + sep).href, resolve } = import.meta as Partial<ImportMeta>;
  const require = createRequire(url);
  try {
    const module = require(locateUws(require, resolve)) as UwsModule & { readonly default?: UwsModule };
    return { uws: module.default ?? module, reason: "uWebSockets.js is installed" };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isMissing = code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
    return {
      reason: isMissing ? "uWebSockets.js is not installed" : `uWebSockets.js cannot be loaded: ${message}`,
    };
  }
}

/** The official package is CommonJS. A repackaged one may have an `import` entry only, which `require` takes by its path. */
function locateUws(require: NodeJS.Require, resolve: ImportMeta["resolve"] | undefined): string {
  try {
    return require.resolve("uWebSockets.js");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_PACKAGE_PATH_NOT_EXPORTED" || !resolve) throw error;
    return fileURLToPath(resolve("uWebSockets.js"));
  }
}

/** uWS says only that it failed, so Node is asked to try the same. */
function whyNotListening(port: number, hostname: string | undefined): Promise<NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const probe = createProbe();
    probe.once("error", resolve);
    probe.listen({ port, exclusive: true, ...(hostname !== undefined && { host: hostname }) }, () => {
      probe.close(() => resolve(new Error("uWebSockets.js refused it and did not say why")));
    });
  });
}

function listenFailed(port: number, cause: NodeJS.ErrnoException): RealtimeError {
  const fixes: Readonly<Record<string, string>> = {
    EADDRINUSE: "it is in use; stop who has it, or listen on another one (0 takes any that is free)",
    EACCES: "it needs privileges; use one above 1023, or put a proxy in front",
    EADDRNOTAVAIL: "this machine has no such address; check `hostname`",
  };
  const why = fixes[cause.code ?? ""] ?? cause.message;
  return new RealtimeError("listen_failed", `cannot listen on port ${port}: ${why}`, { cause });
}
