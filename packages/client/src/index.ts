import {
  type ClientDisconnectReason,
  type DefaultEventMap,
  type EventMap,
  RealtimeError,
  SOCKET_PROTOCOL,
} from "@bowline/protocol";
import { LEGACY } from "#extras";
import { resolveOptions } from "#options";
import type { DisconnectDetails } from "./engine/transport.ts";
import type { ClientOptions } from "./options.ts";
import { Manager } from "./socket/manager.ts";
import { Socket as NamespaceSocket } from "./socket/socket.ts";

export type {
  CloseReason,
  DefaultEventsMap,
  ErrorCode,
  EventsMap,
  ExtendedError,
  Gap,
  GapReason,
} from "@bowline/protocol";
export type { DisconnectDetails, TransportName } from "./engine/transport.ts";
export type { Env, FetchAnswer, FetchInit, LinkOptions, WebSocketLink, WebSocketListener } from "./env.ts";
export type {
  Auth,
  ClientOptions,
  ErrorContext,
  ManagerOptions,
  ResumptionOptions,
  SocketOptions,
} from "./options.ts";
export { Manager } from "./socket/manager.ts";
export type { Session as Engine, SessionEvents as EngineEvents } from "./engine/session.ts";
export type {
  ManagerEvents,
  ManagerEvents as ManagerReservedEvents,
  ManagerState,
} from "./socket/manager-state.ts";
export type { EmitOperator } from "./socket/operator.ts";
export type { Lost, LostReason, Resumption, ResumptionEvents } from "./socket/resumption.ts";
export type { SocketStatus, Status } from "./socket/status.ts";
export type { SocketEvents, SocketEvents as SocketReservedEvents } from "./socket/socket.ts";

/** What a listener of `disconnect` that is written for Socket.IO takes; ours never get an error. */
export type DisconnectDescription = Error | DisconnectDetails;

export { RealtimeError };

/** One namespace on a connection. Made by `io()` and `manager.socket()`. */
export type Socket<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
> = NamespaceSocket<ListenEvents, EmitEvents, Manager>;
// The class learns its manager's type here, so that socket.ts need not import manager.ts, which imports it.
export const Socket: typeof NamespaceSocket = NamespaceSocket;
// A namespace, of types only, because that is how Socket.IO names it: `Socket.DisconnectReason`.
// oxlint-disable-next-line typescript/no-namespace -- see above
export declare namespace Socket {
  export type DisconnectReason = ClientDisconnectReason;
}

/**
 * What Socket.IO's client calls its transports, for `transports: [Fetch, WebSocket]`: here one client fits all platforms,
 * and the names of the transports do.
 */
export const Fetch = "polling";
export const XHR = "polling";
export const NodeXHR = "polling";
export const WebSocket = "websocket";
export const NodeWebSocket = "websocket";
/** May stand in the list, and is not tried. */
export const WebTransport = "webtransport";

/** The Socket.IO protocol revision. */
export const protocol: number = SOCKET_PROTOCOL;

/**
 * Managers by origin and path. State of the module on purpose: calls of `io()` all over a page share one connection
 * without knowing of each other. Whoever wants none of it says `forceNew`, or makes a Manager.
 */
const managers = new Map<string, Manager>();

/**
 * The socket of the namespace that the URL's path names, connecting already unless `autoConnect` is false. Calls for
 * other namespaces of the same server share its connection; a second call for the same namespace gets a connection
 * of its own. Options of the connection are those of the first call.
 *
 * @example
 * const socket = io("https://example.com/chat", { auth: { token: "…" } });
 * socket.on("message", (text: string) => console.log(text));
 */
export function io<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
>(url?: string | ClientOptions, options?: ClientOptions): Socket<ListenEvents, EmitEvents>;
// The last one is what `ReturnType<typeof io>` sees.
export function io(url?: string | ClientOptions, options?: ClientOptions): Socket;
export function io(url?: string | ClientOptions, options: ClientOptions = {}): Socket {
  if (typeof url === "object") return io(undefined, url);
  const { origin, path, namespace, forceNew, multiplex } = resolveOptions(url, options);
  const key = origin + path;
  let manager = managers.get(key);
  if (forceNew || multiplex === false || manager?.nsps[namespace]) manager = new Manager(url, options);
  else if (!manager) managers.set(key, (manager = new Manager(url, options)));
  return manager.socket(namespace, options);
}

export const connect: typeof io = io;
// oxlint-disable-next-line import/no-default-export -- Socket.IO's is this: `import io from "socket.io-client"`
export { io as default };

// What Socket.IO hangs on the function, for `import io from` and `require()`: `io.connect(url)`, `new io.Manager(url)`.
Object.assign(
  io,
  LEGACY
    ? { connect, default: io, io, Manager, protocol, RealtimeError, Socket }
    : { Manager, RealtimeError, Socket },
);
