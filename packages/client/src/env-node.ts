import { randomBytes } from "node:crypto";
import { RealtimeError } from "@bowline/protocol";
import { assertBase64 } from "@bowline/protocol/internal";
import { WebSocket } from "ws";
import { cookieJar, type CookieJar } from "./env-node-cookies.ts";
import { connectOptions, nodeFetch } from "./env-node-fetch.ts";
import type { Env, LinkOptions, PlaceOptions, WebSocketLink, WebSocketListener } from "./env.ts";

/**
 * Where `io()` without an address connects to: nowhere, by a name that no resolver knows and that says why. A page that
 * is rendered on a server evaluates the modules of the page there, `export const socket = io()` among them, and must
 * not fail for it.
 */
const NOWHERE = "https://io-was-given-no-address.invalid";

/** As they are before tests or others put their own in the place. */
const native = { setTimeout, clearTimeout };

/** Of the whole process. */
const memory: Env["memory"] = {};

/** Node: `ws` and `node:http`, because there people want headers, certificates, agents, and to be told what failed. */
export function envFor({ useNativeTimers, autoUnref }: PlaceOptions): Env {
  const cookies = cookieJar();
  return {
    setTimer(run, delayMs) {
      const timer = (useNativeTimers ? native.setTimeout : setTimeout)(run, delayMs);
      return autoUnref ? timer.unref() : timer;
    },
    clearTimer: (timer) =>
      (useNativeTimers ? native.clearTimeout : clearTimeout)(timer as NodeJS.Timeout | undefined),
    random: () => Math.random(),
    secret: () => randomBytes(16).toString("base64"),
    wallClock: () => Date.now(),
    openWebSocket: (url, options, listener) => openWebSocket(url, options, listener, cookies),
    fetch: (url, init, options) => nodeFetch(url, init, options, cookies),
    onPage: () => () => {},
    memory,
    base64: {
      encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
      decode(text) {
        assertBase64(text);
        return Buffer.from(text, "base64");
      },
    },
    pageUrl: NOWHERE,
    reportError(error) {
      // What the network did is no mistake of the program, which ends of an exception.
      if (error instanceof RealtimeError && error.code === "disconnected") process.emitWarning(error);
      else
        queueMicrotask(() => {
          throw error;
        });
    },
  };
}

function openWebSocket(
  url: string,
  options: LinkOptions,
  listener: WebSocketListener,
  cookies: CookieJar,
): WebSocketLink {
  // Compression is off unless asked for: it costs memory per connection, and a peer could send a small frame that
  // inflates for long.
  const { perMessageDeflate = false } = options;
  const socket = new WebSocket(url, options.protocols, {
    ...connectOptions(options),
    headers: cookies.headers(options),
    perMessageDeflate: perMessageDeflate === true ? { threshold: 1024 } : perMessageDeflate,
  });
  let failure: unknown;
  if (options.autoUnref) socket.on("upgrade", (response) => response.socket.unref());
  socket.on("upgrade", (response) => cookies.take(options, response.headers["set-cookie"]));
  socket.on("open", () => listener.open());
  socket.on("message", (data: Buffer, isBinary) => listener.message(isBinary ? data : data.toString()));
  socket.on("error", (error) => (failure = error));
  socket.on("close", (code, reason) => listener.close(code, reason.toString(), failure));
  return socket;
}
