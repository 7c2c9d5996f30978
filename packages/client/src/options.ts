import type { Codec } from "@bowline/protocol";
import type { Parser } from "@bowline/protocol/internal";
import type { TransportName } from "./engine/transport.ts";
import type { Env, NodeOptions, PlaceOptions } from "./env.ts";
import type { Target } from "./url.ts";

/** What a namespace's middleware sees as `socket.handshake.auth`. Called anew at every connection. */
export type Auth =
  | Readonly<Record<string, unknown>>
  | ((answer: (data: object) => void) => void)
  | (() => Promise<object>);

/** Where an error of user code came from. */
export interface ErrorContext {
  /**
   * A listener of an event; the callback of an ack; the `auth` function; a listener of the manager; a listener of
   * `socket.resumption`, or events that may be lost and that nobody else is told of.
   */
  readonly stage: "handler" | "ack" | "auth" | "manager" | "resumption";
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

/** How sockets go on where their link broke. */
export interface ResumptionOptions {
  /**
   * `classic`: `disconnect` when the link breaks and `connect`, with `recovered`, when there is one again, as with Socket.IO's
   * recovery. Default `transparent`: neither, as long as nothing is lost.
   */
  readonly events?: "transparent" | "classic" | undefined;
  /** How much may wait to be confirmed; `emit` throws `queue_full` above it. Text counts by its letters. Default 16 MiB. */
  readonly maxQueuedBytes?: number | undefined;
}

/** Options of the connection that namespaces share. Times are milliseconds. What is for Node a browser ignores. */
export interface ManagerOptions extends PlaceOptions, NodeOptions {
  /** The requests' path on the server. Default "/socket.io". */
  readonly path?: string | undefined;
  /** Added to the query of every request, save what the URL has. */
  readonly query?: Readonly<Record<string, unknown>> | string | undefined;
  /** The server's, for `new Manager()` without a URL. */
  readonly hostname?: string | undefined;
  /** The same. */
  readonly host?: string | undefined;
  readonly port?: string | number | undefined;
  /** Whether it is `https`. */
  readonly secure?: boolean | undefined;
  /**
   * In the order in which they are tried, each beside those before it when they take long. Default
   * `["websocket", "sse", "polling"]`. `["polling", "websocket"]` starts with polling and moves up, as Socket.IO does.
   * "webtransport" may stand in it, and is not tried.
   */
  readonly transports?: readonly (TransportName | "webtransport")[] | undefined;
  /** `false` tries only the first. Default true. */
  readonly tryAllTransports?: boolean | undefined;
  /** Once it moved up to a WebSocket it begins with that. Default false. */
  readonly rememberUpgrade?: boolean | undefined;
  /** Options of one transport only, by its name. */
  readonly transportOptions?: Readonly<Record<string, object>> | undefined;
  /** Bytes go as base64 over WebSockets too. Default false. */
  readonly forceBase64?: boolean | undefined;
  /** Whether each request has a new number in its query. Default: those of polling. */
  readonly timestampRequests?: boolean | undefined;
  /** What it is called there. Default "t". */
  readonly timestampParam?: string | undefined;
  /** How long a request of polling may take, which must be more than the server's `pingInterval`. Default: no limit. */
  readonly requestTimeout?: number | undefined;
  /** Subprotocols of WebSockets. */
  readonly protocols?: string | string[] | undefined;
  /** Whether the connection ends silently when the page is about to go. Default false. */
  readonly closeOnBeforeunload?: boolean | undefined;
  /** Whether a connection over HTTP moves up to a WebSocket when it can. Default true. */
  readonly upgrade?: boolean | undefined;
  /** How often that is tried, in milliseconds. Default 30000. */
  readonly upgradeInterval?: number | undefined;
  /**
   * How long a transport is tried alone, before the next one is tried beside it. Up to a second on networks that turn
   * out to be slower. Default 300.
   */
  readonly headStart?: number | undefined;
  /** How long a transport may take when the others have failed, and how long closing may. Default 4000. */
  readonly transportTimeout?: number | undefined;
  /** How long connecting may take in all; `false` for ever. Default 20000. */
  readonly timeout?: number | false | undefined;
  /** Headers of every request; a browser sends them with requests of polling and streams only. */
  readonly extraHeaders?: Readonly<Record<string, string>> | undefined;
  /** Whether a page's requests to another origin carry cookies, and whether Node keeps them at all. Default false. */
  readonly withCredentials?: boolean | undefined;
  /** Whether the path ends in a slash on the wire. Default true. */
  readonly addTrailingSlash?: boolean | undefined;
  /** Connects at once; else at `connect()`. Default true. */
  readonly autoConnect?: boolean | undefined;
  /** Connects again when the connection is lost. Default true. */
  readonly reconnection?: boolean | undefined;
  /**
   * Whether sockets go on where their link broke, if the server keeps them for that long: same id, same rooms, all events,
   * in order, once. Servers of Socket.IO cannot, and take no notice. Default true.
   */
  readonly resumption?: boolean | ResumptionOptions | undefined;
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
  /** The same, as it is made for Socket.IO: `socket.io-msgpack-parser` for one. */
  readonly parser?: Parser | undefined;
  /** Takes what listeners and callbacks throw or reject with. Default: reported as uncaught. */
  readonly onError?: ((error: unknown, context: ErrorContext) => void) | undefined;
  /** The place that the client runs in, when it is neither a browser nor Node; for tests. */
  readonly env?: Env | undefined;
}

/** What `io()` takes. */
export interface ClientOptions extends ManagerOptions, SocketOptions {}

type WithDefault =
  | "path"
  | "transports"
  | "upgrade"
  | "upgradeInterval"
  | "headStart"
  | "transportTimeout"
  | "timeout"
  | "extraHeaders"
  | "withCredentials"
  | "addTrailingSlash"
  | "autoConnect"
  | "reconnection"
  | "reconnectionAttempts"
  | "reconnectionDelay"
  | "reconnectionDelayMax"
  | "resumption";
type Defaulted<Name extends keyof ClientOptions> = { [Each in Name]: NonNullable<ClientOptions[Each]> };

/** Names of options that are about one transport or another. */
export type OfTransports =
  | "transports"
  | "upgrade"
  | "upgradeInterval"
  | "headStart"
  | "transportTimeout"
  | "extraHeaders"
  | "withCredentials";

/** What the others are when nobody says. */
export const COMMON_DEFAULTS: Readonly<Omit<Defaulted<WithDefault>, OfTransports>> = {
  path: "/socket.io",
  timeout: 20_000,
  addTrailingSlash: true,
  autoConnect: true,
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  resumption: true,
};

/** What options are when nobody says; of `env` and `codec` options-resolve.ts knows. */
export const DEFAULTS: Readonly<Defaulted<WithDefault>> = {
  ...COMMON_DEFAULTS,
  transports: ["websocket", "sse", "polling"],
  upgrade: true,
  upgradeInterval: 30_000,
  headStart: 300,
  transportTimeout: 4000,
  extraHeaders: {},
  withCredentials: false,
};

/** All options, and what the URL says. What is changed here counts from the next connection on. */
export type ResolvedOptions = {
  -readonly [Name in Exclude<keyof ClientOptions, "resumption">]: ClientOptions[Name];
} & Omit<Defaulted<WithDefault | "env" | "codec">, "resumption"> &
  Omit<Target, "query"> & {
    query: Record<string, unknown>;
    resumption: boolean | ResumptionOptions;
    readonly report: Report;
  };

/** Takes errors of user code that ran inside the client: to `onError`, or where the place shows uncaught ones. */
export type Report = (error: unknown, context: ErrorContext) => void;
