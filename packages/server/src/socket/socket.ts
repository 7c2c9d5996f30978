import {
  type CloseReason,
  type DefaultEventMap,
  type EnginePacket,
  type EventMap,
  type EventName,
  type Packet,
  type Untyped,
} from "@bowline/protocol";
import type { ResumptionRequest, SettleAck } from "@bowline/protocol/internal";
import type { Session } from "../engine/session.ts";
import type { SendFlags } from "./arguments.ts";
import { Broadcast } from "./broadcast.ts";
import { OUT } from "./catch-all.ts";
import type { Connection, ConnectionSocket } from "./connection.ts";
import { callAdapter } from "./delivery-adapter.ts";
import { type Handshake, handshakeOf } from "./handshake.ts";
import { Inbox, type InboxOwner, type IncomingEvent } from "./inbox.ts";
import type { Encoded } from "./member.ts";
import type { Middleware } from "./middleware.ts";
import { type AckCallbacks, Outbox, type OutboxOwner } from "./outbox.ts";
import { type SessionOwner, type SessionRest, type SocketSession, updateRest } from "./recovery-store.ts";
import type { ResumptionOwner } from "./resumption-home.ts";
import type { Resumption } from "./resumption.ts";
import { assertRoom, roomNames } from "./rooms.ts";
import { Sending } from "./sending.ts";
import type { SocketReservedEvents } from "./socket-events.ts";
import { type Beginning, type NamespaceOf, PLAIN } from "./socket-namespace.ts";

/**
 * The namespace as its sockets, and applications, know it. Implemented by `Namespace`, which imports this file; so
 * `socket.nsp` cannot have the class as its type.
 */
export interface SocketNamespace<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> extends NamespaceOf<
  Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  EmitEvents,
  ServerSideEvents,
  SocketData
> {}

/**
 *   connecting ──(middleware let it in)──► connected ──► leaving ──► disconnected
 *       └──────(refused, or the connection closed)────────────────────▲
 *
 * `connecting`: in the hands of the middleware; may join rooms and emit, receives nothing.
 * `connected`: in its namespace. `leaving`: the same, while `disconnecting` is fired; whoever disconnects it there does
 * nothing more. `disconnected`: for good; a client that comes back is another socket.
 */
type State = "connecting" | "connected" | "leaving" | "disconnected";

/** One client in one namespace. */
export class Socket<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
  ServerSideEvents extends EventMap = DefaultEventMap,
  SocketData = Untyped,
>
  extends Sending<ListenEvents, SocketReservedEvents, EmitEvents, SocketData>
  implements SessionOwner, ConnectionSocket, InboxOwner, OutboxOwner
{
  /** Public, unlike the session's: other clients may know it. */
  readonly id: string;
  readonly nsp: SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  /** Whatever the application keeps with the socket. */
  // Empty until the application fills it; typed as it will be, as in Socket.IO.
  data: SocketData = {} as SocketData;
  /** Whether it goes on where a socket with its id was lost: with its rooms and data, and what the client missed. */
  recovered: boolean;
  #connection: Connection;
  #auth: object | undefined;
  readonly #inbox: Inbox = new Inbox(this);
  readonly #outbox: Outbox;
  #state: State = "connecting";
  #handshake: Handshake | undefined;
  #rooms: Set<string> | undefined;

  /** @internal Namespaces make sockets. */
  constructor(
    nsp: SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    connection: Connection,
    auth: object | undefined,
    { rest, agrees = false }: Beginning = PLAIN,
  ) {
    super();
    this.recovered = rest !== undefined;
    this.id = rest?.id ?? nsp._runtime.createId();
    if (rest) {
      this.data = rest.data as SocketData;
      this.#rooms = new Set(rest.rooms);
    }
    this.nsp = nsp;
    this.#connection = connection;
    this.#auth = auth;
    this.#outbox = new Outbox(this, agrees);
  }

  get handshake(): Handshake {
    const { info } = this.#connection.session;
    this.#handshake ??= handshakeOf(info, this.#auth, this.nsp._runtime.describeTime(info.openedAt));
    return this.#handshake;
  }

  /** The connection, which the client's sockets in other namespaces share. */
  get client(): Connection {
    return this.#connection;
  }

  /** The session of the connection. */
  get conn(): Session {
    return this.#connection.conn;
  }

  /** The request that opened it. */
  get request(): Session["request"] {
    return this.#connection.session.request;
  }

  /** What is known of its link, and of what waits for it; nothing if its client does not come back to the same socket. */
  get resumption(): Resumption | undefined {
    return this.#outbox.resumption;
  }

  get connected(): boolean {
    return this.#state === "connected" || this.#state === "leaving";
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** Its rooms, once it is connected among them one of its own that is called as its id. Empty when it is disconnected. */
  get rooms(): Set<string> {
    const { _shared } = this.nsp;
    return _shared ? (_shared.socketRooms(this.id) ?? new Set()) : this.#ownRooms();
  }

  /** May be awaited: with some adapters it takes a while. */
  join(room: string | readonly string[]): void {
    if (this.#state === "disconnected") return;
    const names = roomNames(room);
    names.forEach(assertRoom);
    if (this.nsp._shared) return this.nsp._shared.addAll(this.id, new Set(names)) as void;
    for (const name of names) {
      if (this.#ownRooms().has(name)) continue;
      this.#outbox.session?.changed(this, name, true);
      this.#ownRooms().add(name);
      this.#enterRoom(name);
    }
  }

  leave(room: string): void {
    if (this.nsp._shared) return this.nsp._shared.del(this.id, room) as void;
    for (const name of roomNames(room)) {
      if (!this.#ownRooms().delete(name)) continue;
      this.#outbox.session?.changed(this, name, false);
      this.nsp._rooms.remove(name, this);
      if (this.connected) this.nsp._watcher?.left(name, this.id);
    }
  }

  /** Leaves the namespace; with `true` the whole connection, all its namespaces, is closed. */
  disconnect(close = false): this {
    // Nor in the middleware: `next(error)` says no there, and tells the client why.
    if (!this.connected) return this;
    // Without a link there is nothing else to close.
    if (close && !this.resumption?.suspended) this.#connection.disconnect();
    else if (this.#state !== "leaving") {
      this.resumption?._farewell();
      // A listener that heard of a gap may have done it.
      if (this.connected) this.#connection.send({ type: "disconnect", namespace: this.nsp.name });
      this._closed("server namespace disconnect");
    }
    return this;
  }

  /** Adds a guard that every event of this client passes before its listeners get it; `next(err)` fires `error`. */
  use(middleware: Middleware<IncomingEvent>): this {
    this.#inbox.use(middleware);
    return this;
  }

  /** @internal */
  _send(args: readonly [EventName, ...unknown[]], flags: SendFlags): void {
    this.#outbox.emit(args, flags);
  }

  /** @internal */
  _request(data: readonly [EventName, ...unknown[]], flags: SendFlags): Promise<unknown> {
    return this.#outbox.request(data, flags);
  }

  /** @internal */
  _broadcast<HasTimeout extends boolean = false>(
    flags: SendFlags,
  ): Broadcast<EmitEvents, SocketData, HasTimeout> {
    return new Broadcast<EmitEvents, SocketData, HasTimeout>(this.nsp, {
      rooms: [],
      except: [],
      sender: this,
      ...flags,
    });
  }

  /** @internal */
  _awaitAck(id: number, settle: SettleAck): void {
    this.#outbox.awaitAck(id, settle);
  }

  /** @internal */
  _forgetAck(id: number): void {
    this.#outbox.forgetAck(id);
  }

  /** @internal Where adapters put who waits for this client's answers. */
  get acks(): AckCallbacks {
    return this.#outbox.acks;
  }

  /** @internal Called by adapters before they send. */
  notifyOutgoingListeners({ data }: { readonly data: readonly unknown[] }): void {
    this._sending(data);
  }

  /** @internal */
  get _writable(): boolean {
    return this.#outbox.writable;
  }

  /** @internal */
  get _escapesNames(): boolean {
    return this.#outbox.resumption !== undefined;
  }

  /** @internal */
  _sendEncoded(sent: Encoded): void {
    // Somebody who heard of what the receivers before it were sent may have disconnected it.
    if (this.#state !== "disconnected") this.#outbox.sendEncoded(sent);
  }

  /** @internal */
  _sending(data: readonly unknown[]): void {
    this._tellAny(OUT, data);
  }

  /** @internal */
  get _gone(): boolean {
    return this.#state === "disconnected";
  }

  /** @internal */
  get _isConnecting(): boolean {
    return this.#state === "connecting" && this.#connection.isOpen;
  }

  /** @internal */
  get _connectionNumber(): number {
    return this.#connection.number;
  }

  /** @internal The middleware said no. */
  _refuse(answer: { readonly message: string; readonly data?: unknown }): void {
    const error = this.#connection.sendRefusal(this.nsp.name, answer);
    if (error) this.nsp._failed(error, { stage: "middleware", namespace: this.nsp.name, socketId: this.id });
    this._closed("server namespace disconnect");
  }

  /** @internal The middleware let it in. */
  _connected(session?: SocketSession, missed: readonly EnginePacket[] = []): void {
    const data = session ? { sid: this.id, pid: session.pid } : { sid: this.id };
    this.#enter(() => {
      this.#connection.send({ type: "connect", namespace: this.nsp.name, data });
      this.#outbox.begin(session, missed);
    });
  }

  /** @internal The same, for one that agreed: `open` gives what goes on with it as the owner. */
  _agreed(request: ResumptionRequest, open: (owner: ResumptionOwner) => Resumption): void {
    this.#enter(() => {
      const resumption = (this.#outbox.resumption = open(this.#outbox));
      if (resumption._attach(this.#connection, request, this.#outbox)) this.recovered = false;
    });
  }

  /** @internal Its client came back on another connection, where the middleware let `stand`, made of `rest`, in for it. */
  _goOn(stand: this, rest: SessionRest, request: ResumptionRequest): void {
    const handed = stand.#outbox.handOver();
    const { rooms, data } = stand;
    stand._closed("client namespace disconnect");
    this.#connection = stand.#connection;
    this.#auth = stand.#auth;
    this.#handshake = stand.#handshake;
    this.#connection.entered(this.nsp.name, this);
    const gap = this.resumption?._attach(this.#connection, request, this.#outbox);
    updateRest(this, rest, { id: this.id, rooms, data });
    this.#outbox.flush(handed);
    this.resumption?._resumed(gap);
  }

  /** @internal */
  _takenOver(): void {
    this.#connection.takenOver();
  }

  /** @internal */
  _deliver(packet: Packet): void {
    if (packet.type === "event") {
      const event = this.resumption ? this.resumption._receive(packet) : packet;
      if (!event) return;
      const { id, data } = event;
      this.#inbox.deliver(data, id === undefined ? undefined : this.#outbox.answerer(id));
    } else if (packet.type === "ack") this.#outbox.answered(packet.id, packet.data);
    else if (packet.type === "disconnect") this._closed("client namespace disconnect");
  }

  /** @internal */
  _violated(error: unknown): void {
    if (this.connected) this._fire("error", [error]);
  }

  /** @internal */
  _listenerFailed(error: unknown, event: EventName): void {
    this.nsp._failed(error, { stage: "handler", event, namespace: this.nsp.name, socketId: this.id });
  }

  /** @internal */
  _unanswered(event: EventName): void {
    this.nsp._unanswered(event, this.id);
  }

  /** @internal */
  _lost(reason: CloseReason, details?: unknown): void {
    const { resumption } = this;
    if (!resumption || this.#state !== "connected") return this._closed(reason, details);
    this.#connection.left(this.nsp.name);
    resumption._suspend(reason, details);
  }

  /** @internal Ends the socket, whoever wanted it; the second call does nothing. */
  _closed(reason: CloseReason, details?: unknown): void {
    if (this._gone || this.#state === "leaving") return;
    const wasConnected = this.connected;
    if (wasConnected) {
      this.#state = "leaving";
      this._fire("disconnecting", [reason, details]);
      if (this.#outbox.session) this.nsp._sessions?.close(this.#outbox.session, this, reason);
    }
    this.#state = "disconnected";
    this.#connection.left(this.nsp.name);
    this.resumption?._ownerClosed(this.#outbox, reason);
    this.nsp._remove(this);
    this.#rooms = undefined;
    this.#outbox.end();
    if (wasConnected) this._fire("disconnect", [reason, details]);
  }

  /** The client is told first, then the application. */
  #enter(greet: () => void): void {
    this.#state = "connected";
    this.#connection.joined();
    greet();
    // Behind what was missed: who hears of the rooms may emit.
    this.#enterRooms();
    this.#outbox.flush();
  }

  #enterRooms(): void {
    // Behind what it joined in the middleware, where nobody had told the client its id.
    if (!this.recovered) this.#rooms?.add(this.id);
    const { _shared } = this.nsp;
    if (_shared) callAdapter(() => _shared.addAll(this.id, new Set([this.id])), this.nsp);
    else if (this.#rooms) this.#rooms.forEach((name) => this.#enterRoom(name));
    else this.nsp._watcher?.joined(this.id, this.id);
  }

  /** A socket that is not let in yet notes its rooms only: what is sent to them is not for it. */
  #enterRoom(name: string): void {
    if (!this.connected) return;
    if (name !== this.id) this.nsp._rooms.add(name, this);
    this.nsp._watcher?.joined(name, this.id);
  }

  #ownRooms(): Set<string> {
    this.#rooms ??= new Set(this.connected ? [this.id] : []);
    return this.#rooms;
  }
}
