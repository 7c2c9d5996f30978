import { RealtimeError } from "@bowline/protocol";
import { nodeHost, type NodeServer } from "./host/host-node.ts";
import type { Host } from "./host/host.ts";
import type { ServerOptions } from "./options.ts";

/** What a server can run on: an HTTP server, a port of its own, or any `Host`. */
export type AttachTarget = NodeServer | Host | number | string;

const WANTED = "pass an http.Server, an https.Server, a port, or a host";

/** @throws RealtimeError `invalid_argument` */
export function hostOf(target: unknown): { readonly host: Host; readonly httpServer?: NodeServer } {
  assertTarget(target);
  if (isHost(target)) return { host: target };
  assertHttpServer(target);
  return { host: nodeHost(target), httpServer: target };
}

function assertTarget(target: unknown): asserts target is object {
  if ((typeof target === "object" && target !== null) || typeof target === "function") return;
  throw new RealtimeError("invalid_argument", `${WANTED}; this is ${String(target)}`);
}

export function isPlainOptions(target: unknown): target is ServerOptions {
  return (
    typeof target === "object" &&
    target !== null &&
    !isHost(target) &&
    !("listen" in target) &&
    !("on" in target)
  );
}

function isHost(target: object): target is Host {
  return "start" in target && typeof target.start === "function" && "name" in target;
}

export function toPort(port: number | string): number {
  const value = port === "" ? NaN : Number(port);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new RealtimeError("invalid_argument", `"${port}" is no port; a port is a number from 0 to 65535`);
}

/** The two mistakes that people make have a message of their own. */
function assertHttpServer(target: object): asserts target is NodeServer {
  if (typeof target === "function") {
    const fix = "pass the server instead: new Server(http.createServer(app))";
    throw new RealtimeError("invalid_argument", `this is a request handler, an Express app for one; ${fix}`);
  }
  if ("publish" in target && "ws" in target) {
    throw new RealtimeError("invalid_argument", "this is an app of uWebSockets.js: call io.attachApp(app)");
  }
  if (!("on" in target && "listen" in target)) {
    throw new RealtimeError("invalid_argument", WANTED);
  }
}
