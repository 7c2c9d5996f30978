import type { Codec } from "@bowline/protocol";
import { contain, defaultCodec, type Listener } from "@bowline/protocol/internal";
import { env as platform } from "#env";
import type { EngineOptions } from "./engine/engine-options.ts";
import { LONGEST_DELAY } from "./engine/engine-options.ts";
import type { TransportName } from "./engine/transport.ts";
import type { Env } from "./env.ts";
import { invalid, parseUrl, type Target } from "./url.ts";

/** What a namespace's middleware sees as `socket.handshake.auth`. Called anew at every connection. */
export type Auth =
  | Readonly<Record<string, unknown>>
  | ((answer: (data: object) => void) => void)
  | (() => Promise<object>);

/** Where an error of user code came from. */
export interface ErrorContext {
  /** A listener of an event; the callback of an ack; the `auth` function; a listener of the manager. */
  readonly stage: "handler" | "ack" | "auth" | "manager";
  readonly event?: string | number;
}

/** Options of one namespace's socket. Times are milliseconds. */
export interface SocketOptions {
  /** Credentials, or a function that has them at each connection: by calling back, or as a promise. */
  readonly auth?: Auth | undefined;
  /** Every ack must come within this time; its callback then takes an error first. Default: no limit. */
  readonly ackTimeout?: number | undefined;
  /**
   * Sends one event at a time and repeats it, at most as often, until the server acks it. Needs `ackTimeout`, and
   * handlers that ack. The server may see an event twice. Default: off.
   */
  readonly retries?: number | undefined;
}

/** Options of the connection that namespaces share. Times are milliseconds. */
export interface ManagerOptions {
  /** The requests' path on the server. Default "/socket.io". */
  readonly path?: string | undefined;
  /** Added to the query of every request; over what the URL has. */
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined;
  /**
   * In the order in which they are tried. Default `["websocket", "polling"]`. `["polling", "websocket"]` starts with
   * polling and moves up, as Socket.IO does.
   */
  readonly transports?: readonly TransportName[] | undefined;
  /** Whether polling moves up to a WebSocket when it can. Default true. */
  readonly upgrade?: boolean | undefined;
  /** How long a transport may take to connect before the next one is tried. Default 4000. */
  readonly transportTimeout?: number | undefined;
  /** How long connecting may take in all; `false` for ever. Default 20000. */
  readonly timeout?: number | false | undefined;
  /** Headers of every request; a browser sends them with polling only. */
  readonly extraHeaders?: Readonly<Record<string, string>> | undefined;
  /** Whether a page's requests to another origin carry cookies. Default false. */
  readonly withCredentials?: boolean | undefined;
  /** Whether the path ends in a slash on the wire. Default true. */
  readonly addTrailingSlash?: boolean | undefined;
  /** Connects at once; else at `connect()`. Default true. */
  readonly autoConnect?: boolean | undefined;
  /** Connects again when the connection is lost. Default true. */
  readonly reconnection?: boolean | undefined;
  /** How often in a row before giving up. Default Infinity. */
  readonly reconnectionAttempts?: number | undefined;
  /** The first delay is a random part of this, and it doubles with every failure. Default 1000. */
  readonly reconnectionDelay?: number | undefined;
  /** The delay grows no further. Default 5000. */
  readonly reconnectionDelayMax?: number | undefined;
  /** 0 to 1: delays as Socket.IO's, give or take this share, instead of a random part. */
  readonly randomizationFactor?: number | undefined;
  /** A connection of its own, not shared with other namespaces. Default false. */
  readonly forceNew?: boolean | undefined;
  /** `false` is `forceNew: true`. Default true. */
  readonly multiplex?: boolean | undefined;
  /** Packets to frames; the server must have the same. */
  readonly codec?: Codec | undefined;
  /** Takes what listeners and callbacks throw or reject with. Default: reported as uncaught. */
  readonly onError?: ((error: unknown, context: ErrorContext) => void) | undefined;
  /** The place that the client runs in, when it is neither a browser nor Node; for tests. */
  readonly env?: Env | undefined;
}

/** What `io()` takes. */
export interface ClientOptions extends ManagerOptions, SocketOptions {}

type WithoutDefault =
  | "query"
  | "randomizationFactor"
  | "forceNew"
  | "multiplex"
  | "onError"
  | keyof SocketOptions;
type Defaulted = Pick<ClientOptions, WithoutDefault> & {
  readonly [Name in Exclude<keyof ClientOptions, WithoutDefault>]: NonNullable<ClientOptions[Name]>;
};

/** All options, and what the URL says. */
export type ResolvedOptions = Omit<Defaulted & Target, "query"> & EngineOptions & { readonly report: Report };

/** Takes errors of user code that ran inside the client: to `onError`, or where the place shows uncaught ones. */
export type Report = (error: unknown, context: ErrorContext) => void;

/** For each option what it must be, in a test and in words, and what it is when nobody says. */
type Rule = readonly [fits: (value: unknown) => boolean, needs: string, standard?: unknown];

const TRANSPORTS: readonly TransportName[] = ["websocket", "polling"];

const isFunction = (value: unknown): boolean => typeof value === "function";
const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null;
const isDuration = (value: unknown): boolean =>
  typeof value === "number" && value > 0 && value <= LONGEST_DELAY;

const flag = (standard?: boolean): Rule => [(value) => typeof value === "boolean", "true or false", standard];
const duration = (standard?: number): Rule => [isDuration, "milliseconds, 1 or more", standard];
const record = (standard?: object): Rule => [isRecord, "an object", standard];

const OPTIONS: Readonly<Record<keyof ClientOptions, Rule>> = {
  path: [(value) => typeof value === "string" && value[0] === "/", 'a path like "/socket.io"', "/socket.io"],
  query: record(),
  transports: [
    (value) => Array.isArray(value) && value.length > 0 && value.every((name) => TRANSPORTS.includes(name)),
    'a list of "websocket" and "polling"',
    TRANSPORTS,
  ],
  upgrade: flag(true),
  transportTimeout: duration(4000),
  timeout: [(value) => value === false || isDuration(value), "milliseconds, 1 or more, or false", 20_000],
  extraHeaders: record({}),
  withCredentials: flag(false),
  addTrailingSlash: flag(true),
  autoConnect: flag(true),
  reconnection: flag(true),
  reconnectionAttempts: [
    (value) => typeof value === "number" && value >= 1,
    "1 or more, or reconnection: false",
    Infinity,
  ],
  reconnectionDelay: duration(1000),
  reconnectionDelayMax: duration(5000),
  randomizationFactor: [(value) => typeof value === "number" && value >= 0 && value <= 1, "0 to 1"],
  forceNew: flag(),
  multiplex: flag(),
  codec: record(defaultCodec),
  onError: [isFunction, "a function"],
  env: record(platform),
  auth: [(value) => isFunction(value) || isRecord(value), "an object or a function"],
  ackTimeout: duration(),
  retries: [(value) => typeof value === "number" && value >= 0, "0 or more"],
};

/** @throws RealtimeError `invalid_argument` on a name or a value that cannot be, with what could. */
export function checkOptions(options: ClientOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(OPTIONS, name) && OPTIONS[name as keyof ClientOptions];
    if (!rule) throw invalid(`unknown option "${name}"; there are ${String(Object.keys(OPTIONS))}`);
    if (value !== undefined && !rule[0](value)) throw invalid(`option "${name}" must be ${rule[1]}`);
  }
}

/** Defaults filled in, once; what others read is frozen. */
export function resolveOptions(url: string | undefined, given: ClientOptions): ResolvedOptions {
  checkOptions(given);
  const all: Record<string, unknown> = {};
  for (const [name, [, , standard]] of Object.entries(OPTIONS)) {
    all[name] = given[name as keyof ClientOptions] ?? standard;
  }
  const options = all as unknown as Defaulted;
  const target = parseUrl(url, options.env.pageUrl);
  return Object.freeze({
    ...options,
    ...target,
    path: options.path.replace(/\/?$/, options.addTrailingSlash ? "/" : ""),
    query: { ...target.query, ...options.query },
    report: reporter(options),
  });
}

function reporter({ env, onError }: Defaulted): Report {
  const last = (error: unknown): void => env.reportError(error);
  return onError ? (...error) => contain(onError as Listener, error, last) : last;
}
