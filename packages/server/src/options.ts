import { type Parser, RealtimeError } from "@bowline/protocol";
import type { CorsOptions } from "./engine/cors.ts";
import type { EngineOptions } from "./engine/engine-options.ts";
import type { TransportName } from "./engine/transport.ts";
import { containOnError, type OnError } from "./errors.ts";
import type { NamespacesOptions } from "./socket/namespaces.ts";
import {
  type ConnectionStateRecoveryOptions,
  isRecoveryOption,
  type RecoveryOptions,
  resolveRecovery,
} from "./socket/recovery-options.ts";

/** Names and defaults are Socket.IO's; `onError` is ours. */
export interface ServerOptions {
  /** The path that clients connect to. Default `/socket.io`. */
  path?: string;
  /** Milliseconds between two pings. Default 25 000. */
  pingInterval?: number;
  /** How long a pong may take, in milliseconds, before the peer is taken for gone. Default 20 000. */
  pingTimeout?: number;
  /** How long an upgrade from polling to WebSocket may take, in milliseconds. Default 10 000. */
  upgradeTimeout?: number;
  /** The largest message and the largest poll body, in bytes. Default 1 000 000. */
  maxHttpBufferSize?: number;
  /** Default both. */
  transports?: readonly TransportName[];
  /** Whether a polling session may move up to WebSocket. Default true. */
  allowUpgrades?: boolean;
  /** As the `cors` package has them. Default none: pages of other origins cannot poll. */
  cors?: CorsOptions | boolean;
  /** After which a connection that joined no namespace is closed, in milliseconds. Default 45 000. */
  connectTimeout?: number;
  /** Whether WebSocket upgrades that nobody answers are cut. Default true. */
  destroyUpgrade?: boolean;
  /** After which they are, in milliseconds. Default 1 000. */
  destroyUpgradeTimeout?: number;
  /** Turns packets into bytes instead of Socket.IO's own parser; clients need the same. `socket.io-msgpack-parser` for one. */
  parser?: Parser;
  /** Whether a namespace that a client asked for (`io.of(RegExp or function)`) goes with its last socket. Default false. */
  cleanupEmptyChildNamespaces?: boolean;
  /** The most such namespaces at one time; who asks for more is told that there is none. Default no limit. */
  maxDynamicNamespaces?: number;
  /**
   * Whether a client whose connection broke may go on with the same socket id, rooms and data, and gets what it missed.
   * Default not.
   */
  connectionStateRecovery?: ConnectionStateRecoveryOptions | boolean;
  /** Default: a warning of the process (`process.on("warning")`), so that nothing fails in silence. */
  onError?: OnError;
}

/** What became of them: complete, checked, frozen. */
export interface ResolvedOptions {
  readonly path: string;
  readonly connectTimeoutMs: number;
  readonly destroyUpgradeAfterMs: number | false;
  readonly onError: OnError;
  readonly parser: Parser | undefined;
  readonly namespaces: NamespacesOptions;
  readonly recovery: RecoveryOptions | undefined;
  readonly engine: EngineOptions;
}

const TRANSPORTS: readonly TransportName[] = ["polling", "websocket"];

type OptionCheck = (value: unknown) => boolean;

const isCount: OptionCheck = (value) => typeof value === "number" && Number.isFinite(value) && value > 0;
const isBoolean: OptionCheck = (value) => typeof value === "boolean";
const isTransports: OptionCheck = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((name) => TRANSPORTS.includes(name as TransportName));

const isParser: OptionCheck = (value) => {
  const { Encoder, Decoder } = Object(value) as Record<string, unknown>;
  return typeof Encoder === "function" && typeof Decoder === "function";
};

/** Every option that there is, with what a value must be, in words for the message. */
const KNOWN: Readonly<Record<keyof ServerOptions, readonly [OptionCheck, string]>> = {
  path: [(value) => typeof value === "string" && value.startsWith("/"), 'a path such as "/socket.io"'],
  pingInterval: [isCount, "milliseconds, more than 0"],
  pingTimeout: [isCount, "milliseconds, more than 0"],
  upgradeTimeout: [isCount, "milliseconds, more than 0"],
  maxHttpBufferSize: [isCount, "bytes, more than 0"],
  transports: [isTransports, `a list of ${TRANSPORTS.join(", ")}`],
  allowUpgrades: [isBoolean, "true or false"],
  cors: [
    (value) => typeof value === "boolean" || (typeof value === "object" && value !== null),
    "CORS options",
  ],
  connectTimeout: [isCount, "milliseconds, more than 0"],
  destroyUpgrade: [isBoolean, "true or false"],
  destroyUpgradeTimeout: [isCount, "milliseconds, more than 0"],
  parser: [isParser, "an object with the classes Encoder and Decoder"],
  cleanupEmptyChildNamespaces: [isBoolean, "true or false"],
  maxDynamicNamespaces: [(value) => isCount(value) || value === Infinity, "a number, more than 0"],
  connectionStateRecovery: [
    isRecoveryOption,
    "true, false, or { maxDisconnectionDuration, skipMiddlewares, maxLogBytes, maxLogEvents, maxSessions }, numbers above 0",
  ],
  onError: [(value) => typeof value === "function", "a function (error, context)"],
};

/**
 * `defaultOnError` MUST NOT throw.
 * @throws RealtimeError `invalid_argument` on an option that does not exist or cannot work.
 */
export function resolveOptions(options: ServerOptions, defaultOnError: OnError): ResolvedOptions {
  check(options);
  const { destroyUpgrade = true, destroyUpgradeTimeout = 1_000 } = options;
  const { pingInterval = 25_000, pingTimeout = 20_000 } = options;
  return Object.freeze({
    path: (options.path ?? "/socket.io").replace(/\/$/, ""),
    connectTimeoutMs: options.connectTimeout ?? 45_000,
    destroyUpgradeAfterMs: destroyUpgrade ? destroyUpgradeTimeout : false,
    onError: containOnError(options.onError ?? defaultOnError, defaultOnError),
    parser: options.parser,
    namespaces: Object.freeze({
      cleanupEmptyChildren: options.cleanupEmptyChildNamespaces ?? false,
      maxChildren: options.maxDynamicNamespaces ?? Infinity,
    }),
    recovery: resolveRecovery(options.connectionStateRecovery, pingInterval + pingTimeout),
    engine: Object.freeze({
      pingIntervalMs: pingInterval,
      pingTimeoutMs: pingTimeout,
      upgradeTimeoutMs: options.upgradeTimeout ?? 10_000,
      maxPayload: options.maxHttpBufferSize ?? 1_000_000,
      transports: options.transports ?? TRANSPORTS,
      allowUpgrades: options.allowUpgrades ?? true,
      cors: typeof options.cors === "boolean" ? (options.cors ? {} : undefined) : options.cors,
      allowRequest: undefined,
    }),
  });
}

function check(options: ServerOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(KNOWN, name)) {
      const known = Object.keys(KNOWN).join(", ");
      throw new RealtimeError("invalid_argument", `there is no option "${name}"; the options are ${known}`);
    }
    const [isValid, wanted] = KNOWN[name as keyof ServerOptions];
    if (value !== undefined && !isValid(value)) {
      throw new RealtimeError(
        "invalid_argument",
        `the option "${name}" must be ${wanted}; it is ${String(value)}`,
      );
    }
  }
}
