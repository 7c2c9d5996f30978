// What `@bowline/client/websocket` is, for TypeScript: as lean.ts, without the options of other transports.
import type { DefaultEventMap, EventMap } from "@bowline/protocol";
import type * as lean from "./lean.ts";
import type { OfTransports } from "./options.ts";

export type * from "./lean.ts";
export { RealtimeError } from "@bowline/protocol";

/** The options that it knows. On Node, where it is the whole client, it takes the same. */
export type ClientOptions = Omit<lean.ClientOptions, OfTransports>;

export type Socket<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
> = lean.Socket<ListenEvents, EmitEvents>;
export declare const Socket: typeof lean.Socket;

export type Manager = lean.Manager;
export declare const Manager: new (url?: string | ClientOptions, options?: ClientOptions) => lean.Manager;

/** See `io` of the package. */
export declare function io<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
>(url?: string | ClientOptions, options?: ClientOptions): Socket<ListenEvents, EmitEvents>;
