import {
  type AckAnswer,
  type AllButAck,
  type ClientDisconnectReason,
  type CloseReason,
  type DefaultEventMap,
  type EventMap,
  type EventName,
  type EventNames,
  type EventNamesWithAck,
  type EventPacket,
  type EventParams,
  type Packet,
  RealtimeError,
} from "@bowline/protocol";
import { type Answer, contain, EXTENSIONS_KEY, type ResumptionReply } from "@bowline/protocol/internal";
import { EXTRAS, LEGACY, sendInTurn } from "#extras";
import type { DisconnectDetails } from "../engine/transport.ts";
import type { Auth, SocketOptions } from "../options.ts";
import { answerOf } from "./auth.ts";
import { Inbox } from "./inbox.ts";
import { EmitOperator, emitWithAck } from "./operator.ts";
import { Outbox, type OutboxOwner } from "./outbox.ts";
import type { Outgoing, Parcel } from "./parcel.ts";
import { type LostReason, type Loss, Resumption, type ResumptionOwner } from "./resumption.ts";
import type { SocketLink, SocketLinkListener, Unaddressed } from "./socket-link.ts";
import { Status, type StatusOwner } from "./status.ts";

/** Events that the socket itself fires; nobody can send one that is called so. */
export interface SocketEvents {
  connect: () => unknown;
  /** `refused` by the server, and then `active` is false; or `transport_failed`, and then it is tried again. */
  connect_error: (error: RealtimeError) => unknown;
  disconnect: (reason: ClientDisconnectReason, details?: DisconnectDetails) => unknown;
}

type State =
  /** Nobody called `connect()`, or someone refused or disconnected. */
  | { readonly name: "idle" }
  /** There is no connection; the manager tells when there is. */
  | { readonly name: "waiting" }
  /** CONNECT is sent, or waits for `auth`; events that come before the answer are kept. */
  | { readonly name: "connecting"; readonly received: EventPacket[] }
  /** The server let it in. */
  | { readonly name: "connected" };

/**
 * One namespace on a connection. What it is of the link is its state; that it goes on where a link broke is the affair of its
 * resumption, and then the application sees nothing of the states between.
 *
 *   idle ── connect() ──► waiting ── opened ──► connecting ── CONNECT ──► connected
 *      ▲                         ▲ ◄──── closed ──────┴──────── closed ────────┘
 *      └──── disconnect(), DISCONNECT, CONNECT_ERROR: from all ─────────────────
 */
export class Socket<
  ListenEvents extends EventMap = DefaultEventMap,
  EmitEvents extends EventMap = ListenEvents,
  Owner extends SocketLink = SocketLink,
>
  extends Inbox<ListenEvents, SocketEvents>
  implements SocketLinkListener, OutboxOwner, ResumptionOwner, StatusOwner
{
  /** The manager, whose connection this is. */
  readonly io: Owner;
  /** The namespace. */
  readonly nsp: string;
  /** May be changed at any time; read at the next connection. */
  auth: Auth | undefined;
  /** Whether this connection goes on where the last one ended: same id, same rooms, and what was missed comes now. */
  recovered = false;
  /** What becomes of the socket when its link breaks; of interest for who shows it, and for what could not be kept. */
  readonly resumption: Resumption;
  /** What a page shows. */
  readonly status: Status = new Status(this);
  /** @internal */
  readonly _outbox: Outbox;
  #state: State = { name: "idle" };
  /** The connection over which CONNECT went, until there is a reply. */
  #asked: SocketLink["_session"];
  /** While the application takes it for connected. */
  #id: string | undefined;
  /** @internal There is one while the server agreed to resumption, and each has its own. */
  _life: object | undefined;
  /** @internal Why there is no link. */
  _loss: Loss | undefined;
  /** The name by which the server knows what it keeps for us, and how far we got. SPEC R20. */
  #pid: unknown;
  #offset: unknown;

  /** @internal Sockets are made by `io()` and `manager.socket()`. */
  constructor(owner: Owner, nsp: string, options: SocketOptions) {
    super();
    this.io = owner;
    this.nsp = nsp;
    this.auth = options.auth;
    this._outbox = new Outbox(this, options);
    this.resumption = new Resumption(this);
  }

  /** Known to other clients at most if you tell them; new at every `connect`, `undefined` before and after `disconnect`. */
  get id(): string | undefined {
    return this.#id;
  }

  /** Also while the link is gone, if the socket may go on where it broke. */
  get connected(): boolean {
    return this.#id !== undefined;
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** Whether it is connected or will try to be. */
  get active(): boolean {
    return this.#state.name !== "idle";
  }

  /** Events that wait for the connection. To assign some of them drops the others. */
  get sendBuffer(): Outgoing[] {
    return this._outbox.queue;
  }

  set sendBuffer(queue: readonly Outgoing[]) {
    this._outbox.queue = queue as readonly Parcel[];
  }

  /** Events that came before the server let the socket in. */
  get receiveBuffer(): EventPacket["data"][] {
    return this.#state.name === "connecting" ? this.#state.received.map(({ data }) => data) : [];
  }

  connect(): this {
    if (!this.active) {
      this.#state = { name: "waiting" };
      this._loss = undefined;
    }
    this.io._join(this);
    this.status._changed();
    return this;
  }

  open(): this {
    return this.connect();
  }

  disconnect(): this {
    if (this._isJoined) this.#sayGoodbye();
    this.#leave("io client disconnect", "ended");
    return this;
  }

  close(): this {
    return this.disconnect();
  }

  /**
   * Sends an event; a function as the last argument is called with the answer. While there is no connection events
   * are kept and sent when there is; `volatile` ones are not.
   * @throws RealtimeError `reserved_event`, `unserializable`, `payload_too_large`, `queue_full`
   */
  emit<Event extends EventNames<EmitEvents>>(event: Event, ...args: EventParams<EmitEvents, Event>): this {
    this._outbox.emit({}, event, args);
    return this;
  }

  /** Resolves with the answer. Rejects `disconnected`, `handler_failed`, and with a time limit `ack_timeout`. */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): Promise<AckAnswer<EventParams<EmitEvents, Event>>> {
    return emitWithAck(this._outbox, {}, event, args) as Promise<AckAnswer<EventParams<EmitEvents, Event>>>;
  }

  /** Emits "message". */
  send(...args: readonly unknown[]): this {
    this._outbox.emit({}, "message", args);
    return this;
  }

  /** `socket.timeout(5000).emit(…)`: acks must come in time, and their callbacks take an error first. */
  timeout(ms: number): EmitOperator<EmitEvents, true> {
    return new EmitOperator(this._outbox, { ackTimeout: ms });
  }

  /** `socket.volatile.emit(…)`: dropped unless it can leave at once. */
  get volatile(): EmitOperator<EmitEvents, false> {
    return new EmitOperator(this._outbox, { volatile: true });
  }

  /** For code written for Socket.IO. It is `perMessageDeflate` that decides, and only Node has that. */
  compress(_compress: boolean): EmitOperator<EmitEvents, false> {
    return new EmitOperator(this._outbox, {});
  }

  /** @internal */
  get _isJoined(): boolean {
    return this.#state.name === "connected";
  }

  /** @internal The other side shall not wait: this one will not be back. */
  _leaveForGood(): void {
    if (this._isAsked || (this._isJoined && this._life)) this.#sayGoodbye();
  }

  /** @internal */
  override _failed(error: unknown, event: EventName): void {
    this.io.opts.report(error, { stage: "handler", event });
  }

  /** @internal The connection is open: asks to join the namespace. */
  _opened(): void {
    // Two replies could not be told apart.
    if (this.#state.name !== "waiting" || this._isAsked) return;
    const joining: State = { name: "connecting", received: [] };
    this.#state = joining;
    const { auth } = this;
    const join = (data: object | undefined): void => {
      if (this.#state !== joining) return;
      if (LEGACY && this.#pid) data = { pid: this.#pid, offset: this.#offset, ...data };
      this._send({ type: "connect", data: this.resumption._request(data) });
      this.#asked = this.io._session;
    };
    // It may be what `auth` gives that cannot be sent.
    contain(
      () => (typeof auth === "function" ? answerOf(auth).then(join) : join(auth)),
      [],
      (error) => {
        if (this.#state !== joining) return;
        this.io.opts.report(error, { stage: "auth" });
        this.#refused(new RealtimeError("refused", `auth failed: ${String(error)}`, { cause: error }));
      },
    );
  }

  /** @internal */
  _probe(): boolean {
    const isAble = this._isJoined && !!this._life;
    if (isAble) this._outbox.control("r");
    return isAble;
  }

  /** @internal */
  _receive(packet: Packet): void {
    const state = this.#state;
    const { type } = packet;
    if (type === "connect" || type === "connect_error") {
      if (!this._isAsked) return;
      this.#asked = undefined;
      if (state.name !== "connecting") {
        // Who asked left meanwhile, and may want in again.
        if (type === "connect") this._send({ type: "disconnect" });
        this._opened();
      } else if (type === "connect") this.#joined(state, packet.data);
      else {
        // A middleware may have added data, and old servers send a text.
        const { message = packet.data, data } = Object(packet.data) as Record<string, unknown>;
        this.#refused(new RealtimeError("refused", String(message), { data }));
      }
    } else if (state.name === "connecting") {
      // Anything else was on its way to the one before.
      if (type === "event") state.received.push(packet);
    } else if (this._isJoined) {
      if (type === "event") this.#deliver(packet);
      if (type === "ack") this._outbox.answer(packet.id, packet.data);
      if (type === "disconnect") this.#leave("io server disconnect", "ended");
    }
  }

  /**
   * What came early is delivered, then what waited is sent, then `connect` fires: Socket.IO's order. Before all that the
   * server gets what it may have missed.
   */
  #joined(joining: State & { name: "connecting" }, data: object | undefined): void {
    const { sid: id, pid, [EXTENSIONS_KEY]: extensions } = Object(data) as Record<string, unknown>;
    if (typeof id !== "string") {
      return this.#refused(new RealtimeError("bad_handshake", "no socket id; is it Socket.IO 2?"));
    }
    const reply = (extensions as { rs?: ResumptionReply } | undefined)?.rs;
    if (!reply?.ok) this.resumption._end("unknown");
    // The application may have been told that something is lost.
    if (this.#state !== joining) return;
    const isNews = !this.connected;
    this.#state = { name: "connected" };
    this.#id = id;
    this._loss = undefined;
    this.status._changed();
    this.recovered = !!this._life || (LEGACY && !!pid && pid === this.#pid);
    if (LEGACY) this.#pid = pid;
    // To one that agreed nothing was sent before: it is the last one's.
    if (reply) this.resumption._agreed(id, reply);
    else for (const packet of joining.received) if (this._isJoined) this.#deliver(packet);
    this._outbox.flush();
    if (isNews && this._isJoined) this._fire("connect");
  }

  #deliver(packet: EventPacket): void {
    const { data, id } = packet;
    if (LEGACY && this.#pid && id === undefined) {
      // A server with recovery puts it behind the arguments of what it would send again.
      const last = data.at(-1);
      if (typeof last === "string") this.#offset = last;
    }
    const event = this.resumption._take(packet);
    if (event) this._deliver(event, id === undefined ? undefined : this.#answerer(id));
  }

  /** Whom the server takes this socket for: as long as it is the same, it waits for answers. */
  get #life(): object {
    return this._life ?? this.#state;
  }

  /** Ids belong to one life, so an answer that comes after it goes nowhere. */
  #answerer(id: number): Answer {
    let life: object | undefined = this.#life;
    return (...data) => {
      const asked = life;
      if (this.#life !== asked) return;
      if (EXTRAS) {
        sendInTurn(this, {
          data,
          send: (whole) => this.#life === asked && this._outbox.reply(id, whole),
          check: () => this.io._encode(this.nsp, { type: "ack", id, data }),
          failed: (error) => this.io.opts.report(error, { stage: "handler" }),
        });
      } else this._outbox.reply(id, data);
      life = undefined;
    };
  }

  #refused(error: RealtimeError): void {
    this._gone();
    this.#leave("io server disconnect", "refused");
    this._fire("connect_error", error);
  }

  /** @internal */
  _closed(error: RealtimeError, loss?: Loss): void {
    const { name } = this.#state;
    this.#state = { name: "waiting" };
    if (loss) this._loss = loss;
    this.resumption._suspend(name === "connected");
    const { opts, state } = this.io;
    const isClassic = EXTRAS && Object(opts.resumption).events === "classic";
    if (isClassic || state.name !== "waiting") this._gone();
    if ((name === "connecting" || !loss) && !this.connected) this._fire("connect_error", error);
  }

  /** One side wants no more; until `connect()`. */
  #leave(reason: CloseReason, why: LostReason): void {
    if (!this.active) return;
    this.#state = { name: "idle" };
    this._loss = [reason];
    this.io._leave();
    this.resumption._end(why);
  }

  /** The server need not keep anything. */
  #sayGoodbye(): void {
    this._send({ type: "disconnect" });
    this.resumption._forget();
  }

  /** @internal The application is told, unless it knows. */
  _gone(): void {
    const wasConnected = this.connected;
    this.#id = undefined;
    if (!wasConnected) return;
    // Two arguments, also when there are no details: that is how Socket.IO calls listeners.
    const [reason, details] = this._loss as Loss;
    this._fire("disconnect", reason, details);
  }

  /** @internal Whether CONNECT is out, and there is no reply yet; also when whoever wanted it left. */
  get _isAsked(): boolean {
    return !!this.#asked && this.#asked === this.io._session;
  }

  /** @internal */
  _send(packet: Unaddressed<Packet>): void {
    this.io._session?.send(this.io._encode(this.nsp, packet));
  }
}
