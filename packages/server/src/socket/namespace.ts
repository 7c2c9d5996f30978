import {
  type Codec,
  type DefaultEventMap,
  type EventMap,
  type EventName,
  type Untyped,
} from "@bowline/protocol";
import type { ResumptionRequest } from "@bowline/protocol/internal";
import type { ErrorContext } from "../errors.ts";
import { RoomsAdapter } from "./adapter-rooms.ts";
import { type Adapter, type AdapterFactory, makeAdapter } from "./adapter.ts";
import type { EventData } from "./arguments.ts";
import { Broadcast } from "./broadcast.ts";
import { Broadcaster } from "./broadcaster.ts";
import type { Arrival, ConnectionNamespace } from "./connection.ts";
import { AdapterDelivery, callAdapter, watchAdapter } from "./delivery-adapter.ts";
import { type Delivery, LocalDelivery } from "./delivery.ts";
import { Fanout } from "./fanout.ts";
import type { Member } from "./member.ts";
import {
  assertMiddleware,
  type Middleware,
  type Refusal,
  refusalAnswer,
  runMiddleware,
} from "./middleware.ts";
import { type NamespaceHost, type NamespaceServer, reportUnanswered } from "./namespace-host.ts";
import { AdapterSessions } from "./recovery-adapter.ts";
import { type SessionRest, type SessionStore, updateRest } from "./recovery-store.ts";
import { Recovery } from "./recovery.ts";
import type { Resumption } from "./resumption.ts";
import { Resumptions } from "./resumptions.ts";
import { Rooms } from "./rooms.ts";
import type { Runtime } from "./runtime.ts";
import type { NamespaceReservedEvents } from "./socket-events.ts";
import { Socket, type SocketNamespace } from "./socket.ts";

/** How a namespace differs from one that `io.of(name)` makes. */
export interface NamespaceExtras {
  /** Where its broadcasts go instead of to its own sockets. */
  readonly delivery?: Delivery;
  /** Its last socket left, and nobody may come back; or the only one that came was refused. */
  readonly emptied?: () => void;
}

/** Sockets that share a name, their middleware and their rooms. */
export class Namespace<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
  ServerSideEvents extends EventMap = DefaultEventMap,
  SocketData = Untyped,
>
  extends Broadcaster<
    ServerSideEvents,
    NamespaceReservedEvents<
      Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
    >,
    EmitEvents,
    SocketData
  >
  implements ConnectionNamespace, SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
{
  readonly name: string;
  readonly #host: NamespaceHost;
  readonly #sockets = new Map<string, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>();
  readonly #middleware: Middleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>[] = [];
  /** @internal */
  readonly _everybody: Broadcast<EmitEvents, SocketData>;
  readonly #emptied: (() => void) | undefined;
  /** Sockets in the hands of the middleware. */
  #arriving = 0;
  /** @internal The next id; adapters count on as well. */
  _ids = 0;

  /** @internal */
  readonly _rooms: Rooms<Member> = new Rooms();
  /** @internal */
  readonly _fanout: Fanout;
  /** @internal */
  _delivery: Delivery;
  /** @internal An adapter that was made for Socket.IO, if the rooms are its affair. */
  _shared: Adapter | undefined;
  /** @internal There is one once somebody asked for the adapter. */
  _watcher: RoomsAdapter | undefined;
  /** @internal */
  _sessions: SessionStore | undefined;
  /** @internal Of sockets that agreed on resumption. */
  _resumptions: Resumptions | undefined;

  /** @internal `io.of(name)` makes namespaces. */
  constructor(name: string, host: NamespaceHost, extras: NamespaceExtras = {}) {
    super();
    this.name = name;
    this.#host = host;
    this.#emptied = extras.emptied;
    const fanout = new Fanout(name, host.codec, this.#sockets, this._rooms);
    this._fanout = fanout;
    this._delivery =
      extras.delivery ??
      new LocalDelivery({ fanout, clock: host.runtime.clock, nextAckId: () => this._nextAckId() });
    if (extras.delivery) {
      // A pattern has no sockets.
    } else if (host.adapter) this._useAdapter(host.adapter);
    else this.#keepForAway();
    this._everybody = new Broadcast(this, { rooms: [], except: [] });
  }

  /** @internal */
  get _resumes(): boolean {
    return this._resumptions !== undefined;
  }

  get server(): NamespaceServer {
    return this.#host.server;
  }

  /** By id; those that the middleware let in. */
  get sockets(): Map<string, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
    return this.#sockets;
  }

  /** What the option `adapter` made, else a view of our own rooms. */
  get adapter(): Adapter {
    if (this._shared) return this._shared;
    this._watcher ??= new RoomsAdapter(this);
    return this._watcher as unknown as Adapter;
  }

  /** Adds a guard that every socket passes before it is connected, in the order of the calls. */
  use(middleware: Middleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>): this {
    assertMiddleware(middleware);
    this.#middleware.push(middleware);
    return this;
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
    return this._ids++;
  }

  /** @internal */
  _failed(error: unknown, context: ErrorContext): void {
    this.#host.onError(error, context);
  }

  /** @internal */
  _listenerFailed(error: unknown, event: EventName, [socket]: readonly unknown[]): void {
    const { name: namespace } = this;
    if (socket instanceof Socket)
      this._failed(error, { stage: "connection", namespace, socketId: socket.id });
    else this._failed(error, { stage: "handler", event, namespace });
  }

  /** @internal Called by adapters: another server emitted it, and may wait for an answer by the last argument. */
  _onServerSideEmit([event, ...args]: EventData): void {
    this._fire(event, args);
  }

  /** @internal Who is there already comes along. */
  _useAdapter(factory: AdapterFactory): void {
    // What an adapter sends goes past the counts.
    this._resumptions?.stop();
    this._resumptions = undefined;
    const rooms = [...this.#sockets.values()].map((socket) => [socket.id, new Set(socket.rooms)] as const);
    watchAdapter(this._shared?.close(), this);
    const adapter = makeAdapter(factory, this);
    this._shared = adapter;
    this._delivery = new AdapterDelivery(adapter, this);
    this._fanout.recorder = undefined;
    const { recovery } = this.#host;
    this._sessions = recovery && new AdapterSessions(adapter, this, recovery.options.skipsMiddleware);
    watchAdapter(adapter.init(), this);
    for (const [id, names] of rooms) watchAdapter(adapter.addAll(id, names), this);
  }

  /** @internal The namespace is of no use any more. */
  async _closeAdapter(): Promise<void> {
    try {
      await this._shared?.close();
    } catch (error) {
      this._failed(error, { stage: "adapter", namespace: this.name });
    }
  }

  /** @internal What a child of a pattern begins with: later changes of the pattern do not reach it. */
  _inherit(parent: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>): void {
    this.#middleware.push(...parent.#middleware);
    for (const event of ["connect", "connection"] as const) {
      for (const listener of parent._events.list(event)) this._events.on(event, listener);
    }
  }

  /** @internal Said once for each event, since in Socket.IO the client just waits. */
  _unanswered(event: EventName, socketId: string): void {
    reportUnanswered(this.#host, event, { namespace: this.name, socketId });
  }

  /** @internal */
  _findClaim(auth: object | undefined, connectionNumber: number): ReturnType<SessionStore["find"]> {
    const { pid } = (auth ?? {}) as { pid?: unknown };
    return typeof pid === "string" ? this._sessions?.find(pid, offsetIn(auth), connectionNumber) : undefined;
  }

  /** @internal */
  _connect(arrival: Arrival): void {
    const { connection, auth, claim, request } = arrival;
    const found = request && this._resumptions?.find(request.k);
    const objection = found?._objection(request as ResumptionRequest);
    if (objection !== undefined) return connection.refuseLate(objection);
    const record = found?._isUnknownTo(request as ResumptionRequest) ? undefined : found;
    if (request && record?._isDismissed) return record._dismiss(connection, request);
    const agrees = request !== undefined && this._resumes;
    const rest = record ? record._rest : agrees ? undefined : claim?.rest;
    const socket = new Socket(this, connection, auth, { rest, agrees });
    if (rest && this._shared) {
      const { rooms } = rest;
      callAdapter(() => this._shared?.addAll(socket.id, new Set(rooms)), this);
    }
    connection.arrived(this.name, socket);
    this.#arriving += 1;
    if (socket.recovered && !record && this._sessions?.skipsMiddleware) return this.#admit(socket, arrival);
    runMiddleware(
      this.#middleware,
      socket,
      (refusal) => {
        // It, or the whole connection, may have gone while the middleware was busy.
        if (!socket._isConnecting) return;
        if (agrees) this.#admitAgreed(socket, { ...arrival, request, rest, record }, refusal);
        else if (refusal) socket._refuse(refusalAnswer(refusal, REFUSED));
        else this.#admit(socket, arrival);
      },
      (error) => this._failed(error, { stage: "middleware", namespace: this.name, socketId: socket.id }),
    );
  }

  /** @internal */
  _remove(socket: Member): void {
    // With recovery one that arrives can have the id of one that is there.
    const wasIn = this.#sockets.get(socket.id) === socket;
    if (this._shared) callAdapter(() => this._shared?.delAll(socket.id), this);
    else for (const room of socket.rooms) this._rooms.remove(room, socket);
    if (wasIn) this.#sockets.delete(socket.id);
    else this.#arriving -= 1;
    if (wasIn && this._watcher) for (const room of socket.rooms) this._watcher.left(room, socket.id);
    this.#checkEmpty();
  }

  /** What waits for clients that are away, as far as this namespace knows of them itself. */
  #keepForAway(): void {
    const { recovery, runtime, resumption, codec } = this.#host;
    const emptied = (): void => this.#checkEmpty();
    if (recovery) {
      const kept = new Recovery(recovery, runtime, this._fanout, emptied);
      this._fanout.recorder = kept;
      this._sessions = kept;
    }
    if (resumption) {
      const failed = (error: unknown, context: ErrorContext): void => this._failed(error, context);
      this._resumptions = new Resumptions({ name: this.name, codec, pool: resumption, emptied, failed });
      if (resumption.settings.isClassic) this._fanout.away = this._resumptions.away;
    }
  }

  #checkEmpty(): void {
    if (this.#sockets.size > 0 || this.#arriving > 0 || this._sessions?.isBusy) return;
    if (!this._resumptions?.isBusy) this.#emptied?.();
  }

  /** Lets the socket in. */
  #admit(socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>, arrival: Arrival): void {
    const resumed = arrival.claim?.take(socket);
    // Again: the socket that had the session until now was closed for it, and its listeners may do anything.
    if (!socket._isConnecting) return;
    if (socket.recovered && !resumed) return this.#startAnew(socket, arrival);
    this.#arriving -= 1;
    this.#sockets.set(socket.id, socket);
    socket._connected(
      resumed?.session ?? this._sessions?.open(socket, offsetIn(arrival.auth)),
      resumed?.missed,
    );
    this.#announce(socket);
  }

  /** Lets in the socket of a client that agreed, or the one that it came back to. */
  #admitAgreed(
    socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    arrival: ResumableArrival,
    refusal?: Refusal,
  ): void {
    const { connection, request, rest } = arrival;
    const { record } = arrival;
    const found = this._resumptions?.find(request.k);
    const objection = found?._objection(request);
    if (objection !== undefined) return connection.refuseLate(objection);
    if (refusal) {
      found?._end("server namespace disconnect");
      if (socket._isConnecting) socket._refuse(refusalAnswer(refusal, REFUSED));
      return;
    }
    // The listeners of what the link before this carried may do anything.
    if (found?._isUnknownTo(request)) found._end("forced close");
    else if (found === record) found?._release();
    if (!socket._isConnecting) return;
    const { _resumptions } = this;
    const isAsBefore = _resumptions?.find(request.k) === record && !record?._isDismissed;
    if (!_resumptions || !isAsBefore) return this.#startAnew(socket, arrival);
    const live = record && this.#sockets.get(socket.id);
    if (live && rest) return live._goOn(socket, rest, request);
    // With classic events the one that there was is gone, and this one goes on.
    if (record && rest) updateRest(socket, rest, record._rest);
    this.#arriving -= 1;
    this.#sockets.set(socket.id, socket);
    socket._agreed(request, (owner) => record ?? _resumptions.open(request.k, owner));
    this.#announce(socket);
  }

  #announce(socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>): void {
    this._fire("connect", [socket]);
    this._fire("connection", [socket]);
  }

  /** While the middleware was busy, what its client missed was lost, or another took it: it is a new client's socket. */
  #startAnew(socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>, arrival: Arrival): void {
    // The namespace must not go meanwhile for being empty.
    this.#arriving += 1;
    socket._closed("server namespace disconnect");
    this.#arriving -= 1;
    this._connect({ ...arrival, claim: undefined });
  }
}

const REFUSED = "the connection was refused";

/** A client's that agreed on resumption. */
interface ResumableArrival extends Arrival {
  readonly request: ResumptionRequest;
  /** What there was of it when it arrived. */
  readonly record: Resumption | undefined;
  readonly rest: SessionRest | undefined;
}

/** What the client got last, in its own words. */
function offsetIn(auth: object | undefined): string | undefined {
  const { offset } = (auth ?? {}) as { offset?: unknown };
  return typeof offset === "string" ? offset : undefined;
}
