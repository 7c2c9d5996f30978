import type {
  AckAnswer,
  AllButAck,
  Codec,
  DefaultEventMap,
  EventMap,
  EventNames,
  EventParams,
  Untyped,
} from "@bowline/protocol";
import { type Listener, Listeners } from "@bowline/protocol/internal";
import type { ErrorContext, OnError } from "../errors.ts";
import { Broadcast, type RemoteSocket } from "./broadcast.ts";
import type { Connection, ConnectionNamespace, ConnectionSocket } from "./connection.ts";
import { Fanout } from "./fanout.ts";
import type { Member } from "./member.ts";
import {
  assertMiddleware,
  type Middleware,
  type Refusal,
  refusalAnswer,
  runMiddleware,
} from "./middleware.ts";
import { Rooms } from "./rooms.ts";
import type { Runtime } from "./runtime.ts";
import { Socket, type SocketNamespace } from "./socket.ts";

/** What a namespace needs of its server. */
export interface NamespaceHost {
  readonly codec: Codec;
  readonly runtime: Runtime;
  readonly onError: OnError;
}

type ConnectionListener<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSide extends EventMap,
  Data,
> = (socket: Socket<ListenEvents, EmitEvents, ServerSide, Data>) => unknown;

/** Sockets that share a name, their middleware and their rooms. */
export class Namespace<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
  ServerSideEvents extends EventMap = DefaultEventMap,
  SocketData = Untyped,
>
  implements ConnectionNamespace, SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
{
  readonly name: string;
  readonly #host: NamespaceHost;
  readonly #sockets = new Map<string, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>();
  readonly #middleware: Middleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>[] = [];
  readonly #listeners = new Listeners();
  readonly #all: Broadcast<EmitEvents, SocketData>;
  #lastAckId = -1;

  /** @internal */
  readonly _rooms: Rooms<Member> = new Rooms();
  /** @internal */
  readonly _fanout: Fanout;

  /** @internal `io.of(name)` makes namespaces. */
  constructor(name: string, host: NamespaceHost) {
    this.name = name;
    this.#host = host;
    this._fanout = new Fanout(name, host.codec, this.#sockets, this._rooms);
    this.#all = new Broadcast(this, { rooms: [], except: [] });
  }

  /** By id; those that the middleware let in. */
  get sockets(): ReadonlyMap<string, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
    return this.#sockets;
  }

  /** Adds a guard that every socket passes before it is connected, in the order of the calls. */
  use(middleware: Middleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>): this {
    assertMiddleware(middleware);
    this.#middleware.push(middleware);
    return this;
  }

  /** `connection` and `connect` are two names for the same. */
  on(
    event: "connection" | "connect",
    listener: ConnectionListener<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): this {
    this.#listeners.on(event, listener as Listener);
    return this;
  }

  once(
    event: "connection" | "connect",
    listener: ConnectionListener<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): this {
    this.#listeners.once(event, listener as Listener);
    return this;
  }

  off(
    event: "connection" | "connect",
    listener?: ConnectionListener<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): this {
    this.#listeners.off(event, listener as Listener | undefined);
    return this;
  }

  /** To every socket of the namespace. */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): boolean {
    return this.#all.emit(event, ...args);
  }

  /** An event called "message", to every socket of the namespace. */
  send(...args: AllButAck<EventParams<EmitEvents, "message" & EventNames<EmitEvents>>>): this {
    this.#all.emit("message" as "message" & EventNames<EmitEvents>, ...args);
    return this;
  }

  emitWithAck<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): Promise<AckAnswer<EventParams<EmitEvents, Event>>[]> {
    return this.#all.emitWithAck(event, ...args);
  }

  to(room: string | readonly string[]): Broadcast<EmitEvents, SocketData> {
    return this.#all.to(room);
  }

  in(room: string | readonly string[]): Broadcast<EmitEvents, SocketData> {
    return this.#all.to(room);
  }

  except(room: string | readonly string[]): Broadcast<EmitEvents, SocketData> {
    return this.#all.except(room);
  }

  get volatile(): Broadcast<EmitEvents, SocketData> {
    return this.#all.volatile;
  }

  timeout(timeoutMs: number): Broadcast<EmitEvents, SocketData, true> {
    return this.#all.timeout(timeoutMs);
  }

  fetchSockets(): Promise<RemoteSocket<EmitEvents, SocketData>[]> {
    return this.#all.fetchSockets();
  }

  socketsJoin(room: string | readonly string[]): void {
    this.#all.socketsJoin(room);
  }

  socketsLeave(room: string | readonly string[]): void {
    this.#all.socketsLeave(room);
  }

  disconnectSockets(close = false): void {
    this.#all.disconnectSockets(close);
  }

  /** @internal */
  get _codec(): Codec {
    return this.#host.codec;
  }

  /** @internal */
  get _runtime(): Runtime {
    return this.#host.runtime;
  }

  /** @internal One count for the namespace, so that a broadcast's ack has one id for all receivers. */
  _nextAckId(): number {
    return ++this.#lastAckId;
  }

  /** @internal */
  _failed(error: unknown, context: ErrorContext): void {
    this.#host.onError(error, context);
  }

  /** @internal */
  _connect(
    connection: Connection,
    auth: object | undefined,
    begin: (socket: ConnectionSocket) => void,
  ): void {
    const socket = new Socket(this, connection, auth);
    begin(socket);
    runMiddleware(
      this.#middleware,
      socket,
      (refusal) => this.#admit(socket, refusal),
      (error) => this._failed(error, { stage: "middleware", namespace: this.name, socketId: socket.id }),
    );
  }

  /** @internal */
  _remove(socket: Member): void {
    for (const room of socket.rooms) this._rooms.remove(room, socket);
    this.#sockets.delete(socket.id);
  }

  /** Lets the socket in, or tells the client why not. */
  #admit(
    socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    refusal: Refusal | undefined,
  ): void {
    // It, or the whole connection, may have gone while the middleware was busy.
    if (!socket._isConnecting) return;
    if (refusal) return socket._refuse(refusalAnswer(refusal, "the connection was refused"));
    this.#sockets.set(socket.id, socket);
    socket._connected();
    this.#announce("connect", socket);
    this.#announce("connection", socket);
  }

  #announce(
    event: "connect" | "connection",
    socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): void {
    this.#listeners.dispatch(event, [socket], (error) =>
      this._failed(error, { stage: "connection", namespace: this.name, socketId: socket.id }),
    );
  }
}
