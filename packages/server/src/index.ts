import type { DefaultEventsMap, EventsMap, Untyped } from "@bowline/protocol";
import { Namespace as NamespaceClass } from "./socket/namespace.ts";
import type { SocketNamespace } from "./socket/socket.ts";

export { type ErrorCode, RealtimeError } from "@bowline/protocol";
export type { CloseReason } from "@bowline/protocol";
export type { DefaultEventsMap, EventsMap };
// The names that code written for Socket.IO imports.
export type { ExtendedError, ServerDisconnectReason as DisconnectReason } from "@bowline/protocol";
export type { IncomingEvent as Event } from "./socket/inbox.ts";
export { Broadcast as BroadcastOperator } from "./socket/broadcast.ts";
export type { AttachTarget } from "./attach-target.ts";
export type { CorsOptions } from "./engine/cors.ts";
export type { TransportName } from "./engine/transport.ts";
export type { ErrorContext, ErrorStage, OnError } from "./errors.ts";
export type { Host } from "./host/host.ts";
export type { ListenInfo } from "./listen.ts";
export type { ServerOptions } from "./options.ts";
export { Server } from "./server.ts";
export { Broadcast, type RemoteSocket } from "./socket/broadcast.ts";
export { BroadcastAckError } from "./socket/broadcast-acks.ts";
export type { Handshake } from "./socket/handshake.ts";
export type { IncomingEvent } from "./socket/inbox.ts";
export type { Middleware } from "./socket/middleware.ts";
// As the type, what `socket.nsp` is as well; to extend and for `instanceof`, the class.
export type Namespace<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
  SocketData = Untyped,
> = SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
export const Namespace: typeof NamespaceClass = NamespaceClass;
export type { Adapter, AdapterFactory, AdapterOptions } from "./socket/adapter.ts";
export type { NamespaceFunction } from "./socket/namespaces.ts";
export type { ConnectionStateRecoveryOptions } from "./socket/recovery-options.ts";
export type { ResumptionOptions } from "./socket/resumption-options.ts";
export type { Resumption } from "./socket/resumption.ts";
export type { ResumptionEvents } from "./socket/resumption-events.ts";
export { SocketOperator } from "./socket/operator.ts";
export type { Runtime } from "./socket/runtime.ts";
export { Socket } from "./socket/socket.ts";
export type { AnyListener, SocketReservedEvents } from "./socket/socket-events.ts";
/** @internal Not in the declarations, where it would stand for the whole module: those are as Socket.IO has them. */
export { required as "module.exports" } from "./require.ts";
