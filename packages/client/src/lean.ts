// What the files called `bowline` are, for TypeScript: `io` without the names and options that are there for code written for
// Socket.IO.
import type { DefaultEventMap, EventMap } from "@bowline/protocol";
import type * as whole from "./index.ts";
import type { DEFAULTS } from "./options.ts";

export type { CloseReason, ErrorCode, Gap, GapReason } from "@bowline/protocol";
export { RealtimeError } from "@bowline/protocol";
export type {
  Auth,
  DisconnectDetails,
  ErrorContext,
  Lost,
  LostReason,
  ManagerState,
  Resumption,
  ResumptionEvents,
  ResumptionOptions,
  SocketEvents,
  SocketStatus,
  Status,
} from "./index.ts";

/** The options that these files know; others are refused. */
export type ClientOptions = Pick<
  whole.ClientOptions,
  keyof typeof DEFAULTS | "auth" | "ackTimeout" | "forceNew" | "multiplex" | "onError" | "query" | "protocols"
>;

type OldOfEmitters =
  | "addEventListener"
  | "removeListener"
  | "removeEventListener"
  | "removeAllListeners"
  | "listeners"
  | "hasListeners";

type OldOfSockets =
  | OldOfEmitters
  | "onAny"
  | "prependAny"
  | "offAny"
  | "listenersAny"
  | "onAnyOutgoing"
  | "prependAnyOutgoing"
  | "offAnyOutgoing"
  | "listenersAnyOutgoing"
  | "disconnected"
  | "sendBuffer"
  | "receiveBuffer"
  | "open"
  | "close"
  | "send"
  | "compress";

/** One namespace on a connection. */
export type Socket<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
> = Omit<whole.Socket<ListenEvents, EmitEvents>, OldOfSockets | "io"> & { readonly io: Manager };

/** The connection that sockets share; of its events there is `state`. */
export interface Manager {
  readonly state: whole.ManagerState;
  socket<ListenEvents extends EventMap = DefaultEventMap, EmitEvents extends EventMap = ListenEvents>(
    nsp: string,
    options?: ClientOptions,
  ): Socket<ListenEvents, EmitEvents>;
  connect(): this;
  disconnect(): this;
  on(event: "state", listener: (state: whole.ManagerState) => unknown): this;
  once(event: "state", listener: (state: whole.ManagerState) => unknown): this;
  off(event?: "state", listener?: (state: whole.ManagerState) => unknown): this;
}
export declare const Manager: new (url?: string | ClientOptions, options?: ClientOptions) => Manager;

export declare const Socket: abstract new (...args: never) => Socket;

/** See `io` of the package. */
export declare function io<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
>(url?: string | ClientOptions, options?: ClientOptions): Socket<ListenEvents, EmitEvents>;
