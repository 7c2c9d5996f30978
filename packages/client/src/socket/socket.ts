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
import type { Answer } from "@bowline/protocol/internal";
import { EXTRAS, sendInTurn, transportError } from "#extras";
import type { DisconnectDetails } from "../engine/transport.ts";
import type { Auth, SocketOptions } from "../options.ts";
import { askAuth } from "./auth.ts";
import { Inbox } from "./inbox.ts";
import { EmitOperator, emitWithAck } from "./operator.ts";
import { type Outgoing, Outbox, type OutboxOwner } from "./outbox.ts";
import type { SocketLink, SocketLinkListener, Unaddressed } from "./socket-link.ts";

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
  | { readonly name: "connected"; readonly id: string };

/**
 * One namespace on a connection.
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
  implements SocketLinkListener, OutboxOwner
{
  /** The manager, whose connection this is. */
  readonly io: Owner;
  /** The namespace. */
  readonly nsp: string;
  /** May be changed at any time; read at the next connection. */
  auth: Auth | undefined;
  /** Whether this connection goes on where the last one ended: same id, same rooms, and what was missed comes now. */
  recovered = false;
  readonly #outbox: Outbox;
  #state: State = { name: "idle" };
  /** The name by which the server knows what it keeps for us, and how far we got. SPEC R20. */
  #pid: unknown;
  #offset: unknown;

  /** @internal Sockets are made by `io()` and `manager.socket()`. */
  constructor(owner: Owner, nsp: string, options: SocketOptions) {
    super();
    this.io = owner;
    this.nsp = nsp;
    this.auth = options.auth;
    this.#outbox = new Outbox(this, options);
  }

  /** Known to other clients at most if you tell them; new at every connection, `undefined` between them. */
  get id(): string | undefined {
    return this.#state.name === "connected" ? this.#state.id : undefined;
  }

  get connected(): boolean {
    return this.#state.name === "connected";
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
    return this.#outbox.queue;
  }

  set sendBuffer(queue: readonly Outgoing[]) {
    this.#outbox.queue = queue;
  }

  /** Events that came before the server let the socket in. */
  get receiveBuffer(): EventPacket["data"][] {
    return this.#state.name === "connecting" ? this.#state.received.map(({ data }) => data) : [];
  }

  connect(): this {
    if (!this.active) this.#state = { name: "waiting" };
    this.io._join(this);
    return this;
  }

  open(): this {
    return this.connect();
  }

  disconnect(): this {
    if (this.connected) this.#send({ type: "disconnect" });
    this.#leave("io client disconnect");
    return this;
  }

  close(): this {
    return this.disconnect();
  }

  /**
   * Sends an event; a function as the last argument is called with the answer. While there is no connection events
   * are kept, without a bound, and sent when there is; `volatile` ones are not.
   * @throws RealtimeError `reserved_event`, `unserializable`, `payload_too_large`
   */
  emit<Event extends EventNames<EmitEvents>>(event: Event, ...args: EventParams<EmitEvents, Event>): this {
    this.#outbox.emit({}, event, args);
    return this;
  }

  /** Resolves with the answer. Rejects `disconnected`, `handler_failed`, and with a time limit `ack_timeout`. */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: AllButAck<EventParams<EmitEvents, Event>>
  ): Promise<AckAnswer<EventParams<EmitEvents, Event>>> {
    return emitWithAck(this.#outbox, {}, event, args) as Promise<AckAnswer<EventParams<EmitEvents, Event>>>;
  }

  /** Emits "message". */
  send(...args: readonly unknown[]): this {
    this.#outbox.emit({}, "message", args);
    return this;
  }

  /** `socket.timeout(5000).emit(…)`: acks must come in time, and their callbacks take an error first. */
  timeout(ms: number): EmitOperator<EmitEvents, true> {
    return new EmitOperator(this.#outbox, { ackTimeout: ms });
  }

  /** `socket.volatile.emit(…)`: dropped unless it can leave at once. */
  get volatile(): EmitOperator<EmitEvents, false> {
    return new EmitOperator(this.#outbox, { volatile: true });
  }

  /** For code written for Socket.IO. It is `perMessageDeflate` that decides, and only Node has that. */
  compress(_compress: boolean): EmitOperator<EmitEvents, false> {
    return new EmitOperator(this.#outbox, {});
  }

  /** @internal */
  _refusedAll(error: RealtimeError): void {
    this._fire("connect_error", error);
  }

  /** @internal */
  override _failed(error: unknown, event: EventName): void {
    this.io.opts.report(error, { stage: "handler", event });
  }

  /** @internal The connection is open: asks to join the namespace. */
  _opened(): void {
    if (this.#state.name !== "waiting") return;
    const joining: State = { name: "connecting", received: [] };
    this.#state = joining;
    const failed = (error: unknown): void => {
      if (this.#state !== joining) return;
      this.io.opts.report(error, { stage: "auth" });
      this.#refused(new RealtimeError("refused", `auth failed: ${String(error)}`, { cause: error }));
    };
    askAuth(
      this.auth,
      (data) => {
        if (this.#state !== joining) return;
        try {
          this.#send({
            type: "connect",
            data: this.#pid ? { pid: this.#pid, offset: this.#offset, ...data } : data,
          });
        } catch (error) {
          failed(error);
        }
      },
      failed,
    );
  }

  /** @internal */
  _receive(packet: Packet): void {
    const state = this.#state;
    const { type } = packet;
    if (type === "connect" && state.name === "connecting") this.#joined(state.received, packet.data);
    else if (type === "event" && state.name === "connecting") state.received.push(packet);
    else if (type === "event" && state.name === "connected") this.#deliver(packet);
    else if (type === "ack") this.#outbox.answer(packet.id, packet.data);
    else if (type === "disconnect") this.#leave("io server disconnect");
    else if (type === "connect_error") this.#refused(refusal(packet.data));
  }

  /** What came early is delivered, then what waited is sent, then `connect` fires: Socket.IO's order. */
  #joined(received: readonly EventPacket[], data: object | undefined): void {
    const { sid: id, pid } = (data ?? {}) as { sid?: unknown; pid?: unknown };
    if (typeof id !== "string") {
      this.#refused(new RealtimeError("bad_handshake", "no socket id; is it Socket.IO 2?"));
      return;
    }
    const connected: State = { name: "connected", id };
    this.#state = connected;
    this.recovered = !!pid && pid === this.#pid;
    this.#pid = pid;
    for (const packet of received) {
      if (this.#state === connected) this.#deliver(packet);
    }
    this.#outbox.flush();
    if (this.#state === connected) this._fire("connect");
  }

  #deliver(packet: EventPacket): void {
    const last = packet.data.at(-1);
    // A server with recovery puts it behind the arguments of what it would send again.
    if (this.#pid && packet.id === undefined && typeof last === "string") this.#offset = last;
    this._deliver(packet, packet.id === undefined ? undefined : this.#answerer(packet.id));
  }

  /** Ids belong to one connection, so an answer that comes after it goes nowhere. */
  #answerer(id: number): Answer {
    const asked = this.#state;
    let done = false;
    return (...data) => {
      if (done) return;
      if (EXTRAS) {
        sendInTurn(this, {
          data,
          send: (whole) => this.#state === asked && this.#send({ type: "ack", id, data: whole }),
          check: () => this.io._encode(this.nsp, { type: "ack", id, data }),
          failed: (error) => this.io.opts.report(error, { stage: "handler" }),
        });
      } else if (this.#state === asked) this.#send({ type: "ack", id, data });
      done = true;
    };
  }

  #refused(error: RealtimeError): void {
    this.#leave("io server disconnect");
    this._fire("connect_error", error);
  }

  /** @internal The connection is gone; the manager tries again. */
  _closed(reason: CloseReason, details: DisconnectDetails): void {
    const was = this.#state;
    this.#state = { name: "waiting" };
    if (was.name === "connecting") {
      const message = `${reason}: ${details.description}`;
      this._fire("connect_error", transportError(message, details.context));
    }
    this.#ended(was, reason, details);
  }

  /** One side wants no more; until `connect()`. */
  #leave(reason: CloseReason): void {
    const was = this.#state;
    if (was.name === "idle") return;
    this.#state = { name: "idle" };
    this.io._leave();
    this.#ended(was, reason);
  }

  #ended(was: State, reason: CloseReason, details?: DisconnectDetails): void {
    if (was.name !== "connected") return;
    this._fire("disconnect", reason, details);
    this.#outbox.disconnected();
  }

  #send(packet: Unaddressed<Packet>): void {
    this.io._session?.send(this.io._encode(this.nsp, packet));
  }
}

function refusal(data: object | string): RealtimeError {
  const { message, data: more } = (typeof data === "string" ? { message: data } : data) as {
    message?: unknown;
    data?: unknown;
  };
  return new RealtimeError("refused", String(message), { data: more });
}
