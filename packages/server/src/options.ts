import { type Parser, RealtimeError } from "@bowline/protocol";
import { containOnError, type OnError } from "./errors.ts";
import {
  checkOptions,
  foreignOptions,
  isBoolean,
  isCount,
  isFunction,
  isObject,
  type OptionCheck,
  type OptionRule,
} from "./options-check.ts";
import {
  ENGINE_RULES,
  type EngineServerOptions,
  type ResolvedEngineOptions,
  resolveEngineOptions,
} from "./options-engine.ts";
import { nodeRuntime } from "./runtime.ts";
import type { AdapterFactory } from "./socket/adapter.ts";
import type { NamespacesOptions } from "./socket/namespaces.ts";
import {
  type ConnectionStateRecoveryOptions,
  isRecoveryOption,
  type RecoveryOptions,
  resolveRecovery,
} from "./socket/recovery-options.ts";
import {
  isResumptionOption,
  RESUMPTION_WORDS,
  type ResumptionOptions,
  type ResumptionSettings,
  resolveResumption,
} from "./socket/resumption-options.ts";
import type { Runtime } from "./socket/runtime.ts";

/** Names and defaults are Socket.IO's; `onError` is ours. */
export interface ServerOptions extends EngineServerOptions {
  /** The path that clients connect to. Default `/socket.io`. */
  path?: string;
  /** Whether the client's bundles are served below the path: `/socket.io/socket.io.js`. Default true. */
  serveClient?: boolean;
  /** After which a connection that joined no namespace is closed, in milliseconds. Default 45 000. */
  connectTimeout?: number;
  /** Carries rooms and broadcasts among several servers: one made for Socket.IO, `createAdapter(…)` for one. */
  adapter?: AdapterFactory;
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
  /**
   * Whether a socket of our own client goes on when its link breaks and another is made: in order, nothing lost or doubled,
   * in either direction. Default true.
   */
  resumption?: ResumptionOptions | boolean;
  /** Default: a warning of the process (`process.on("warning")`), so that nothing fails in silence. */
  onError?: OnError;
  /** Where time and ids come from, as far as not from Node: a virtual clock, in tests. */
  runtime?: Partial<Runtime>;
}

/** What became of them: complete, checked, frozen. */
export interface ResolvedOptions extends ResolvedEngineOptions {
  readonly path: string;
  readonly serveClient: boolean;
  readonly connectTimeoutMs: number;
  readonly onError: OnError;
  readonly adapter: AdapterFactory | undefined;
  readonly parser: Parser | undefined;
  readonly namespaces: NamespacesOptions;
  readonly recovery: RecoveryOptions | undefined;
  readonly runtime: Runtime;
  readonly resumption: ResumptionSettings | undefined;
}

const isParser: OptionCheck = (value) => {
  const { Encoder, Decoder } = Object(value) as Record<string, unknown>;
  return typeof Encoder === "function" && typeof Decoder === "function";
};

/** In the open packet. SPEC U1. */
const OFFER = Object.freeze({ rs: 1 });

/** Every option that there is, with what a value must be, in words for the message. */
const RULES: Readonly<Record<keyof ServerOptions, OptionRule>> = {
  ...ENGINE_RULES,
  // Socket.IO reads the empty path, and no time, as the default.
  path: [(value) => typeof value === "string" && /^(\/|$)/.test(value), 'a path such as "/socket.io"'],
  serveClient: [isBoolean, "true or false"],
  connectTimeout: [(value) => value === 0 || isCount(value), "milliseconds, more than 0"],
  adapter: [isFunction, "a class, or a function (namespace), that makes an adapter"],
  parser: [isParser, "an object with the classes Encoder and Decoder"],
  cleanupEmptyChildNamespaces: [isBoolean, "true or false"],
  maxDynamicNamespaces: [(value) => isCount(value) || value === Infinity, "a number, more than 0"],
  connectionStateRecovery: [
    isRecoveryOption,
    "true, false, or { maxDisconnectionDuration, skipMiddlewares, maxLogBytes, maxLogEvents, maxSessions }, numbers above 0",
  ],
  resumption: [isResumptionOption, RESUMPTION_WORDS],
  onError: [isFunction, "a function (error, context)"],
  runtime: [isObject, "an object with some of { clock, createId, wallClock, createIncoming, describeTime }"],
};

/**
 * `defaultOnError` MUST NOT throw.
 * @throws RealtimeError `invalid_argument` on an option that is mistaken for one of these, or cannot work.
 */
export function resolveOptions(options: ServerOptions, defaultOnError: OnError): ResolvedOptions {
  checkOptions(options, RULES);
  const resolved = resolveEngineOptions(options);
  const { pingIntervalMs, pingTimeoutMs } = resolved.engine;
  const resumption = resolveResumption(options.resumption);
  return Object.freeze({
    ...resolved,
    engine: resumption ? Object.freeze({ ...resolved.engine, extensions: OFFER }) : resolved.engine,
    resumption,
    path: (options.path || "/socket.io").replace(/\/$/, ""),
    serveClient: options.serveClient ?? true,
    connectTimeoutMs: options.connectTimeout || 45_000,
    onError: containOnError(options.onError ?? defaultOnError, defaultOnError),
    adapter: options.adapter,
    parser: options.parser,
    namespaces: Object.freeze({
      cleanupEmptyChildren: options.cleanupEmptyChildNamespaces ?? false,
      maxChildren: options.maxDynamicNamespaces ?? Infinity,
    }),
    runtime: { ...nodeRuntime, ...options.runtime },
    recovery: resolveRecovery(options.connectionStateRecovery, pingIntervalMs + pingTimeoutMs),
  });
}

/** Tells of options that are not ours. SPEC O2. */
export function reportForeignOptions(options: ServerOptions, onError: OnError): void {
  for (const error of foreignOptions(options, RULES)) onError(error, { stage: "options" });
}

/** What the namespaces have from the beginning on. */
const CONSTRUCTOR_ONLY = [
  "adapter",
  "parser",
  "onError",
  "cleanupEmptyChildNamespaces",
  "maxDynamicNamespaces",
  "connectionStateRecovery",
  "runtime",
  "resumption",
] as const;

/** @throws RealtimeError `invalid_argument` on an option given to `attach` that the constructor alone can take. */
export function assertOfEngine(options: ServerOptions | undefined, given: ServerOptions): void {
  for (const name of CONSTRUCTOR_ONLY) {
    if (options?.[name] === undefined || given[name] !== undefined) continue;
    const message = `the option "${name}" goes to the constructor: new Server(options)`;
    throw new RealtimeError("invalid_argument", message);
  }
}
