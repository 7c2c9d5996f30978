import {
  type CloseReason,
  type EnginePacket,
  type EventName,
  type EventPacket,
  RealtimeError,
} from "@bowline/protocol";
import {
  CONTROL,
  type ControlMessage,
  EXTENSIONS_KEY,
  type Gap,
  isReservedEvent,
  readName,
  type ResumptionReply,
  type ResumptionRequest,
} from "@bowline/protocol/internal";
import { Emitter } from "../emitter.ts";
import type { Connection } from "./connection.ts";
import type { SessionRest } from "./recovery-store.ts";
import { Downlink } from "./resumption-downlink.ts";
import type { ResumptionEvents } from "./resumption-events.ts";
import type { AwayReceiver, ResumptionHome, ResumptionOwner } from "./resumption-home.ts";
import { backlogOf, replay, write } from "./resumption-link.ts";
import type { Pooled } from "./resumption-pool.ts";
import { isCount } from "./resumption-request.ts";
import { NEXT, OPENING, type State } from "./resumption-state.ts";
import { Uplink } from "./resumption-uplink.ts";

/**
 * What of a socket outlives its link: the counts, what the client has not confirmed, and who it is (SPEC U1 to U22).
 *
 *     opening ──► attached ── the link broke ──► suspended ── the client came back ──► attached
 *                    │                               ├── the application disconnected it ──► dismissed
 *                    └── either side disconnected ───┴── too long, evicted, refused ──► ended ◄──┘
 *
 * attached: on a connection. suspended: what is sent is kept. dismissed: the socket is gone, and a client that comes back
 * gets what was kept and is sent away. ended: for good.
 */
export class Resumption extends Emitter<ResumptionEvents> implements Pooled, AwayReceiver {
  readonly #home: ResumptionHome;
  readonly #key: string;
  #owner: ResumptionOwner;
  readonly #down: Downlink;
  readonly #up: Uplink = new Uplink();
  #state: State = OPENING;
  /** Of the CONNECT that was answered last. */
  #attempt = 0;
  #resumes = 0;
  /** The client was asked to confirm, and has not. */
  #isAsked = false;

  /** @internal */
  constructor(home: ResumptionHome, key: string, owner: ResumptionOwner) {
    super();
    this.#home = home;
    this.#key = key;
    this.#owner = owner;
    this.#down = new Downlink(home.pool);
  }

  /** Whether the link is broken, and the client expected back. */
  get suspended(): boolean {
    return this.#state.name === "suspended";
  }

  /** How often the client came back. */
  get resumes(): number {
    return this.#resumes;
  }

  /** How many events were sent that the client has not confirmed yet. */
  get unconfirmed(): number {
    return this.#down.unconfirmed;
  }

  /** @internal What goes on, for the middleware to look at. */
  get _rest(): SessionRest {
    const { id, rooms, data } = this.#owner.socket;
    return { id, rooms: new Set(rooms), data };
  }

  /** @internal The socket is gone, and there is only a farewell to come back to. */
  get _isDismissed(): boolean {
    return this.#state.name === "dismissed";
  }

  /** @internal Whether what is sent may still arrive. */
  get _isAlive(): boolean {
    return this.#state.name === "attached" || this.#state.name === "suspended";
  }

  /** @internal Whether the client speaks of a socket that was before: that this one was made it never heard. */
  _isUnknownTo({ n, s }: ResumptionRequest): boolean {
    return n !== undefined && s !== undefined && s !== this.#owner.socket.id;
  }

  /** @internal Why a client cannot come back like that. */
  _objection(request: ResumptionRequest): string | undefined {
    const { a, n = 0 } = request;
    if (a <= this.#attempt) return `attempt ${a} to resume, after attempt ${this.#attempt}`;
    if (n > this.#down.sent && !this._isUnknownTo(request))
      return `${n} events to resume behind, of ${this.#down.sent}`;
    return undefined;
  }

  /** @internal Counted events so far. */
  get _sent(): number {
    return this.#down.sent;
  }

  /** @internal An event for the client, encoded; the packets may be shared. */
  _send(packets: readonly EnginePacket[]): void {
    const isToLeave = this.#down.push(packets);
    const state = this.#state;
    if (isToLeave && state.name === "attached") write(state.connection, packets);
    else if (isToLeave) this.#home.pool.keeps();
    if (this.#down.isHeavy) this.#relieve();
    if (this.#home.pool.isFull) this.#makeRoom();
  }

  /** @internal The same, neither counted nor kept. */
  _sendVolatile(packets: readonly EnginePacket[]): void {
    if (this.#state.name === "attached") write(this.#state.connection, packets);
  }

  /**
   * @internal Answers a request of the client's, which may be away.
   * @throws RealtimeError `unserializable`
   */
  _reply(id: number, data: readonly unknown[]): void {
    const packets = this.#home.encode({ type: "ack", namespace: this.#home.namespace, id, data });
    const { replies } = this.#up;
    const isToLeave = replies.keep({ id, packets, behind: this.#down.sent }, this.#down.isStalled);
    if (this.#state.name !== "attached") return;
    const { connection } = this.#state;
    if (isToLeave) write(connection, packets);
    if (replies.isDueForCheck) this.#checkBacklog(connection);
    if (replies.isFlooded) connection.session.abandon();
  }

  /** @internal What the client sent, as the application knows it; nothing if it is not for the application. */
  _receive(packet: EventPacket): EventPacket | undefined {
    const [event] = packet.data;
    let read = packet;
    if (typeof event !== "string" || event[0] !== "$") this.#count();
    else {
      const [name, isCounted] = readName(event);
      if (isCounted) this.#count();
      if (event === CONTROL) this.#control(packet.data.slice(1));
      if (name === undefined) return undefined;
      // The codec saw another name, and let it pass.
      if (isReservedEvent(name)) return this.#violated(`"${name}" is a reserved event name`);
      read = { ...packet, data: [name, ...packet.data.slice(1)] };
    }
    if (packet.id !== undefined) this.#up.replies.began(packet.id);
    return read;
  }

  /** @internal The client is on that connection now, unless that breaks here: it is told, and gets what it missed. */
  _attach(connection: Connection, request: ResumptionRequest, owner: ResumptionOwner): Gap | undefined {
    if (this.#state.name !== "opening") this.#resumes++;
    this.#home.leaveAway(this.#owner);
    this.#owner = owner;
    const gap = this.#greet(connection, request);
    this.#attempt = request.a;
    this.#enter({ name: "attached", connection });
    if (gap) this.#skipped(gap);
    if (!connection.isOpen) this.#detach("forced close", undefined);
    return gap;
  }

  /** @internal Tells the application that its client is back, when the socket is whole again. */
  _resumed(gap: Gap | undefined): void {
    if (gap) this._fire("gap", [gap]);
    if (this._isAlive) this._fire("resume", [{ gap }]);
  }

  /** @internal A client comes back to a socket that the application disconnected. */
  _dismiss(connection: Connection, request: ResumptionRequest): void {
    this.#greet(connection, request);
    connection.send({ type: "disconnect", namespace: this.#home.namespace });
    connection.left(this.#home.namespace);
    this.#enter({ name: "ended" });
  }

  /** @internal The link broke, for that reason. */
  _suspend(reason: CloseReason, details: unknown): void {
    if (this.#detach(reason, details)) this._fire("suspend", [reason, details]);
  }

  /** @internal The client came back, and nobody had noticed that it was gone: what is still on the old link is void. */
  _release(): void {
    if (this.#state.name !== "attached") return;
    const { connection } = this.#state;
    const details = new RealtimeError("disconnected", "the client came back on another connection");
    connection.left(this.#home.namespace);
    this.#detach("forced close", details);
    connection.abandon(details);
  }

  /** @internal The socket is closed. If its application did that while the client is away, the client is still to hear of it. */
  _ownerClosed(owner: ResumptionOwner, reason: CloseReason): void {
    if (owner !== this.#owner || this.#state.name === "ended") return;
    const isDismissal = this.suspended && reason === "server namespace disconnect";
    this.#enter({ name: isDismissal ? "dismissed" : "ended" });
  }

  /** @internal The application disconnects it: what the client has no doubt of then, and what it will not get. */
  _farewell(): void {
    this.#tellGap();
    this.#down.isStalled = false;
    this._tellCount();
  }

  /** @internal Nobody can come back to it; who is there is sent away. */
  _end(reason: CloseReason): void {
    this._release();
    this.#endOwner(reason, undefined);
  }

  /** @internal */
  _expire(): void {
    if (this.#state.name === "suspended") this.#endOwner(this.#state.reason, this.#state.details);
    else if (this.#state.name === "dismissed") this.#enter({ name: "ended" });
  }

  /** @internal */
  _shed(): void {
    if (this.#down.bytes > 0) this.#down.lose("overflow");
  }

  /** @internal */
  _tellCount(): void {
    if (this.#state.name !== "attached") return;
    if (!this.#down.isStalled) {
      this.#tell(["a", this.#up.told()]);
      this.#checkBacklog(this.#state.connection);
    } else this.#up.isOwed = true;
  }

  /** @internal The link takes more again. */
  _drained(): void {
    if (this.#state.name !== "attached" || !this.#down.isStalled) return;
    const { connection } = this.#state;
    this.#tellGap();
    this.#down.isStalled = false;
    if (this.#up.isOwed) this._tellCount();
    const { kept, lost } = this.#up.replies.takeWithheld();
    for (const { packets } of kept) write(connection, packets);
    if (lost.length > 0) this.#tell(["l", lost]);
  }

  /** @internal */
  _listenerFailed(error: unknown, event: EventName): void {
    this.#home.failed(error, event, this.#owner.socket.id);
  }

  #greet(connection: Connection, { n = 0, p = [] }: ResumptionRequest): Gap | undefined {
    const { namespace, pool } = this.#home;
    const isNew = this.#state.name === "opening";
    const received = isNew ? 0 : n;
    const gap = this.#down.gapBehind(received);
    const asked = this.#owner.askedUpTo(received);
    const rs: ResumptionReply = {
      w: pool.settings.windowMs,
      h: this.#up.told(),
      ...(!isNew && { ok: true }),
      ...(gap && { gap }),
      ...(asked.length > 0 && { p: asked }),
    };
    const data = { sid: this.#owner.socket.id, [EXTENSIONS_KEY]: { rs } };
    connection.send({ type: "connect", namespace, data });
    const { kept, lost } = this.#up.repliesTo(p);
    if (!gap) this.#down.confirm(received);
    replay(connection, gap ? undefined : this.#down, received, kept);
    if (lost.length > 0) this.#write(connection, ["l", lost]);
    return gap;
  }

  #count(): void {
    const due = this.#up.count();
    if (due === "later") this.#home.pool.owe(this);
    else if (due === "now") this.#tellCountNow();
  }

  #tellCountNow(): void {
    this.#home.pool.owesNot(this);
    this._tellCount();
  }

  #control([what, value]: readonly unknown[]): void {
    if (what === "r") this.#tellCountNow();
    else if (what === "a") {
      if (!isCount(value) || !this.#down.confirm(value))
        this.#violated(`${String(value)} events confirmed, of ${this.#down.sent}`);
      else if (!this.#down.isHeavy) this.#isAsked = false;
    } else if (what === "l" && Array.isArray(value)) {
      for (const id of value) if (isCount(id)) this.#owner.replyLost(id);
    }
  }

  /** Much is not confirmed. */
  #relieve(): void {
    const { maxBytes } = this.#home.pool.settings;
    if (this.#state.name !== "attached") {
      if (this.#down.isOver) this.#down.lose("overflow");
      return;
    }
    if (!this.#isAsked) {
      this.#isAsked = true;
      this.#tell(["r"]);
    }
    // What waits in memory to leave is part of what is kept.
    this.#down.trim(Math.max(0, maxBytes - this.#checkBacklog(this.#state.connection)));
  }

  /** Stops writing if too much waits to leave. Gives how much that is. */
  #checkBacklog(connection: Connection): number {
    const { maxBytes, stallAboveBytes } = this.#home.pool.settings;
    const waiting = backlogOf(connection.session, maxBytes / 2);
    // To write may have shown that the link is broken.
    if (waiting > stallAboveBytes && !this.#down.isStalled && this.#state.name === "attached") {
      this.#down.isStalled = true;
      connection.whenDrained(this);
    }
    return waiting;
  }

  /** More is kept for all than may be. */
  #makeRoom(): void {
    const excess = this.#home.pool.relieve();
    if (excess <= 0) return;
    if (this.suspended) this._shed();
    else this.#down.trim(Math.max(0, this.#down.bytes - excess));
  }

  #tellGap(): void {
    const gap = this.#down.liveGap;
    if (!gap || this.#state.name !== "attached") return;
    this.#tell(["g", gap]);
    this.#skipped(gap);
    this._fire("gap", [gap]);
  }

  /** The client counts on behind it, and will not answer what was asked in it. */
  #skipped({ from }: Gap): void {
    this.#down.skip();
    this.#owner.lostBehind(from - 1);
  }

  #tell(message: ControlMessage): void {
    if (this.#state.name === "attached") this.#write(this.#state.connection, message);
  }

  #write(connection: Connection, message: ControlMessage): void {
    connection.send({ type: "event", namespace: this.#home.namespace, data: [CONTROL, ...message] });
  }

  #violated(what: string): undefined {
    if (this.#state.name === "attached") this.#state.connection.refuse(what);
    return undefined;
  }

  /** Says whether the socket goes on meanwhile. */
  #detach(reason: CloseReason, details: unknown): boolean {
    if (this.#state.name !== "attached") return false;
    this.#down.detach();
    this.#enter({ name: "suspended", reason, details });
    // Another one may have ended to make room, and its listeners may do anything.
    if (!this.suspended || !this.#home.pool.settings.isClassic) return this.suspended;
    const { socket } = this.#owner;
    this.#owner = this.#home.enterAway(this._rest, this);
    socket._closed(reason, details);
    return false;
  }

  #endOwner(reason: CloseReason, details: unknown): void {
    if (this.#state.name === "ended") return;
    this.#enter({ name: "ended" });
    this.#owner.socket._closed(reason, details);
  }

  #enter(next: State): void {
    const last = this.#state;
    if (!NEXT[last.name].includes(next.name)) throw new Error(`resumption: ${last.name} -> ${next.name}`);
    const { pool } = this.#home;
    this.#state = next;
    if (last.name === "attached") {
      pool.owesNot(this);
      this.#isAsked = false;
    }
    if (next.name === "suspended") pool.wait(this);
    else if (next.name !== "dismissed") pool.leave(this);
    if (next.name !== "ended") return;
    this.#down.end();
    this.#home.leaveAway(this.#owner);
    this.#home.forget(this.#key);
  }
}
