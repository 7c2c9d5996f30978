import { type Frame, RealtimeError } from "@bowline/protocol";
import type { AllowRequest } from "./engine/admission.ts";
import { type CookieOptions, cookieOf } from "./engine/cookie.ts";
import type { Cors } from "./engine/cors.ts";
import type { EngineOptions } from "./engine/engine-options.ts";
import type { TransportName } from "./engine/transport.ts";
import type { WebSocketEngineClass } from "./host/host-node-door.ts";
import type { Compression } from "./host/host.ts";
import { isBoolean, isCount, isFunction, isObject, isToggle, type OptionRule } from "./options-check.ts";
import { isOptionGroup } from "./socket/option-group.ts";

export interface CompressionOptions {
  /** What has fewer bytes leaves as it is. Default 1 024. */
  threshold?: number;
  /** Whatever else ws (`perMessageDeflate`) or node:zlib (`httpCompression`) takes. */
  [native: string]: unknown;
}

export interface SseOptions {
  /** Milliseconds. Default 300 000; less than proxies give to an answer. */
  maxAge?: number;
  /** Default 16 MiB. */
  maxBytes?: number;
}

/** What of Socket.IO's options is Engine.IO's: names, meanings and defaults are theirs. */
export interface EngineServerOptions {
  /** Milliseconds between two pings. Default 25 000. */
  pingInterval?: number | undefined;
  /** How long a pong may take, in milliseconds, before the peer is taken for gone. Default 20 000. */
  pingTimeout?: number | undefined;
  /** How long an upgrade to WebSocket may take, in milliseconds. Default 10 000. */
  upgradeTimeout?: number | undefined;
  /** The largest message and the largest poll body, in bytes. Default 1 000 000. */
  maxHttpBufferSize?: number | undefined;
  /** Default all three. Server-sent events are for clients of Bowline; those of Socket.IO see nothing of them. */
  transports?: readonly TransportName[] | undefined;
  /** How long an answer of server-sent events may become before the client asks for the next one. */
  sse?: SseOptions | undefined;
  /** Whether a session over polling or server-sent events may move up to WebSocket. Default true. */
  allowUpgrades?: boolean | undefined;
  /** As the `cors` package has them. Default none: pages of other origins cannot poll. */
  cors?: Cors | boolean | undefined;
  /** Whether a peer may have a session: `(request, callback) => callback(null, true)`, or an async function. */
  allowRequest?: AllowRequest | undefined;
  /** A cookie with the session's id, for load balancers; true for `io`, Path=/, HttpOnly, SameSite=Lax. Default false. */
  cookie?: boolean | CookieOptions | undefined;
  /** Of the answers to polls, as peers accept it. Default true, from 1 024 bytes on. */
  httpCompression?: boolean | CompressionOptions | undefined;
  /** Of WebSocket messages, as peers accept it. It costs memory for every connection. Default false. */
  perMessageDeflate?: boolean | CompressionOptions | undefined;
  /** A message that every session gets first. */
  initialPacket?: Frame | undefined;
  /** In place of ws's `WebSocketServer`, on node:http. */
  wsEngine?: WebSocketEngineClass | undefined;
  /** Whether WebSocket upgrades that nobody answers are cut. Default true. */
  destroyUpgrade?: boolean | undefined;
  /** After which they are, in milliseconds. Default 1 000. */
  destroyUpgradeTimeout?: number | undefined;
  /** The path is answered with and without a slash, whatever this says. */
  addTrailingSlash?: boolean | undefined;
  /** Clients of Socket.IO 2 are not served: only `false` can be. */
  allowEIO3?: false | undefined;
}

/** What of them the hosts need. */
export interface HostSettings {
  readonly destroyUpgradeAfterMs: number | false;
  readonly compression: Compression | undefined;
  readonly wsEngine: WebSocketEngineClass | undefined;
}

export interface ResolvedEngineOptions {
  readonly engine: EngineOptions;
  readonly host: HostSettings;
  /** Under the names that `io.engine.opts` has them. */
  readonly named: Readonly<Record<string, unknown>>;
}

const TRANSPORTS: readonly TransportName[] = ["polling", "websocket", "sse"];
const DEFAULT_THRESHOLD = 1024;
const MILLISECONDS: OptionRule = [isCount, "milliseconds, more than 0"];
const YES_OR_NO: OptionRule = [isBoolean, "true or false"];

export const ENGINE_RULES: Readonly<Record<keyof EngineServerOptions, OptionRule>> = {
  pingInterval: MILLISECONDS,
  pingTimeout: MILLISECONDS,
  upgradeTimeout: MILLISECONDS,
  maxHttpBufferSize: [isCount, "bytes, more than 0"],
  transports: [isTransports, `a list of ${TRANSPORTS.join(", ")}`],
  sse: [isSse, "an object such as { maxAge: 300000, maxBytes: 16777216 }, numbers above 0"],
  allowUpgrades: YES_OR_NO,
  cors: [(value) => isToggle(value) || isFunction(value), "CORS options, or a function (request, callback)"],
  allowRequest: [isFunction, "a function (request, callback)"],
  cookie: [isToggle, 'true, false, or an object such as { name: "io" }'],
  httpCompression: [isToggle, "true, false, or an object such as { threshold: 1024 }"],
  perMessageDeflate: [isToggle, "true, false, or an object such as { threshold: 1024 }"],
  initialPacket: [(value) => typeof value === "string" || value instanceof Uint8Array, "a text or bytes"],
  wsEngine: [isFunction, "a class such as ws's WebSocketServer"],
  destroyUpgrade: YES_OR_NO,
  // Socket.IO reads 0 as the default.
  destroyUpgradeTimeout: [(value) => value === 0 || isCount(value), "milliseconds"],
  addTrailingSlash: YES_OR_NO,
  allowEIO3: [isBoolean, "false"],
};

/** @throws RealtimeError `invalid_argument` on what is known and cannot be had. */
export function resolveEngineOptions(options: EngineServerOptions): ResolvedEngineOptions {
  assertServed(options);
  const named = withDefaults(options);
  const { destroyUpgrade, destroyUpgradeTimeout, cookie, cors } = options;
  const engine: EngineOptions = {
    pingIntervalMs: named.pingInterval,
    pingTimeoutMs: named.pingTimeout,
    upgradeTimeoutMs: named.upgradeTimeout,
    maxPayload: named.maxHttpBufferSize,
    transports: named.transports,
    allowUpgrades: named.allowUpgrades,
    sse: { maxAgeMs: options.sse?.maxAge ?? 300_000, maxBytes: options.sse?.maxBytes ?? 16 * 1024 * 1024 },
    cors: typeof cors === "boolean" ? (cors ? {} : undefined) : (cors ?? undefined),
    allowRequest: options.allowRequest ?? undefined,
    cookie: cookie ? cookieOf(isObject(cookie) ? (cookie as CookieOptions) : {}) : undefined,
    httpCompression: compressionOf(named.httpCompression),
    initialPacket: options.initialPacket || undefined,
  };
  const host: HostSettings = {
    destroyUpgradeAfterMs: destroyUpgrade === false ? false : destroyUpgradeTimeout || 1_000,
    compression: compressionOf(named.perMessageDeflate),
    wsEngine: options.wsEngine ?? undefined,
  };
  return { engine: Object.freeze(engine), host: Object.freeze(host), named: Object.freeze(named) };
}

function withDefaults(options: EngineServerOptions): Required<NamedOptions> & EngineServerOptions {
  return {
    ...options,
    pingInterval: options.pingInterval ?? 25_000,
    pingTimeout: options.pingTimeout ?? 20_000,
    upgradeTimeout: options.upgradeTimeout ?? 10_000,
    maxHttpBufferSize: options.maxHttpBufferSize ?? 1_000_000,
    transports: options.transports ?? TRANSPORTS,
    allowUpgrades: options.allowUpgrades ?? true,
    httpCompression: options.httpCompression ?? true,
    perMessageDeflate: options.perMessageDeflate ?? false,
    cors: options.cors ?? false,
    allowEIO3: false,
  };
}

interface NamedOptions {
  pingInterval: number;
  pingTimeout: number;
  upgradeTimeout: number;
  maxHttpBufferSize: number;
  transports: readonly TransportName[];
  allowUpgrades: boolean;
  httpCompression: boolean | CompressionOptions;
  perMessageDeflate: boolean | CompressionOptions;
}

function compressionOf(option: boolean | CompressionOptions): Compression | undefined {
  if (!option) return undefined;
  if (option === true) return { threshold: DEFAULT_THRESHOLD };
  const { threshold = DEFAULT_THRESHOLD, ...native } = option;
  return { threshold, native };
}

function isTransports(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((name) => name === "webtransport" || TRANSPORTS.includes(name as TransportName));
}

function isSse(value: unknown): boolean {
  return isObject(value) && isOptionGroup<SseOptions>("sse", { maxAge: isCount, maxBytes: isCount }, value);
}

/** What Socket.IO has and we have not: each says what to do. */
function assertServed({ allowEIO3, transports }: EngineServerOptions): void {
  if (allowEIO3) {
    const fix =
      "leave the option out and bring those clients to Socket.IO 3 or later, or keep a stock server for them";
    throw new RealtimeError("invalid_argument", `allowEIO3: clients of Socket.IO 2 are not served; ${fix}`);
  }
  if ((transports as readonly string[] | null | undefined)?.includes("webtransport")) {
    const fix = 'write transports: ["polling", "websocket"]; clients that offer it fall back to those';
    throw new RealtimeError(
      "invalid_argument",
      `transports: there is no WebTransport on this server; ${fix}`,
    );
  }
}
