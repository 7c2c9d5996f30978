import type { EventMap, EventName } from "@bowline/protocol";
import type { ErrorContext } from "../errors.ts";
import type { RoomWatcher } from "./adapter-rooms.ts";
import type { Adapter } from "./adapter.ts";
import type { BroadcastSource } from "./broadcast.ts";
import type { Broadcaster } from "./broadcaster.ts";
import type { Fanout } from "./fanout.ts";
import type { Member } from "./member.ts";
import type { Middleware } from "./middleware.ts";
import type { NamespaceServer } from "./namespace-host.ts";
import type { SessionRest, SessionStore } from "./recovery-store.ts";
import type { Rooms } from "./rooms.ts";
import type { Runtime } from "./runtime.ts";
import type { NamespaceReservedEvents } from "./socket-events.ts";

/** A namespace of such sockets; `Self` is the same, for what it tells its listeners. */
export interface NamespaceOf<
  Socket,
  Self,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
>
  extends
    BroadcastSource,
    Broadcaster<ServerSideEvents, NamespaceReservedEvents<Socket, Self>, EmitEvents, SocketData> {
  readonly name: string;
  readonly server: NamespaceServer;
  readonly sockets: Map<string, Socket>;
  use(middleware: Middleware<Socket>): this;
  readonly adapter: Adapter;
  /** @internal */
  readonly _rooms: Rooms<Member>;
  /** @internal An adapter that was made for Socket.IO, if the rooms are its affair. */
  readonly _shared: Adapter | undefined;
  /** @internal */
  readonly _watcher: RoomWatcher | undefined;
  /** @internal */
  readonly _runtime: Runtime;
  /** @internal */
  _nextAckId(): number;
  /** @internal Only with recovery. */
  readonly _sessions: SessionStore | undefined;
  /** @internal */
  readonly _fanout: Fanout;
  /** @internal */
  _failed(error: unknown, context: ErrorContext): void;
  /** @internal */
  _unanswered(event: EventName, socketId: string): void;
  /** @internal */
  _remove(socket: Member): void;
}

/** How a socket begins, if not as a new client's that wants nothing. */
export interface Beginning {
  /** What it goes on with. */
  readonly rest?: SessionRest | undefined;
  /** On resumption. */
  readonly agrees?: boolean;
}

export const PLAIN: Beginning = {};
