import {
  type CloseReason,
  type ErrorCode,
  type EventPacket,
  type Gap,
  RealtimeError,
} from "@bowline/protocol";
import {
  CONTROL,
  type ControlMessage,
  isReservedEvent,
  readName,
  type ResumptionReply,
  type ResumptionRequest,
  type Timer,
} from "@bowline/protocol/internal";
import { Emitter } from "../emitter.ts";
import { LONGEST_DELAY } from "../engine/engine-options.ts";
import type { DisconnectDetails } from "../engine/transport.ts";
import type { Outbox } from "./outbox.ts";
import type { SocketLink } from "./socket-link.ts";
import type { Outgoing, Parcel, Uplink } from "./uplink.ts";

/** The server is told what came after so many events, or so long after the first that it was not told of. */
const EVENTS_PER_ACK = 64;
const ACK_DELAY_MS = 1000;

/**
 * Why a socket does not go on: it was away too long, or the server does not know it (any more), or does not let it in, or
 * one side ended it.
 */
export type LostReason = "expired" | "unknown" | "refused" | "ended";

export interface Lost {
  readonly reason: LostReason;
  /** Events that were sent, and that the server may have got or not; in order. */
  readonly unconfirmed: readonly Outgoing[];
  /** Sends those again, before all that waits; once. */
  resend(): void;
}

export interface ResumptionEvents {
  /** The link broke, and is being made again. What is sent meanwhile is kept. */
  suspend: (reason: CloseReason, details: DisconnectDetails) => unknown;
  /** It is there again, and what was missed comes now; unless there is a gap. */
  resume: (resumed: { readonly gap?: Gap | undefined }) => unknown;
  /** Events of the server's that will never come. */
  gap: (gap: Gap) => unknown;
  /** The server's side of the socket is gone: other id, no rooms, and what it sent meanwhile will not come. */
  lost: (lost: Lost) => unknown;
}

/** Why the link is gone. */
export type Loss = readonly [reason: CloseReason, details?: DisconnectDetails];

/** What a resumption has of its socket. */
export interface ResumptionOwner {
  readonly io: SocketLink;
  /** @internal */
  readonly _outbox: Outbox;
  /** @internal The application is told, unless it knows. */
  _ended(loss: Loss | undefined, code: ErrorCode): void;
}

/**
 * How a socket goes on where its link broke. SPEC U40 to U69.
 *
 *   none ── CONNECT ──► asked ── reply ──► linked ── link lost ──► suspended ── reply with ok ──► linked
 *    ▲                                        └── ended ──┬────────────┘ expired, refused
 *    └────────────────────────────────────────────────────┘                 reply without ok: lost, and linked anew
 */
export class Resumption extends Emitter<object, ResumptionEvents> {
  /** @internal Of the link, while it may go on. */
  _loss: Loss | undefined;
  readonly #owner: ResumptionOwner;
  readonly #outbox: Outbox;
  /** Its `life` is there since the server agreed. */
  readonly #uplink: Uplink;
  /** Who has it is this client; from the first CONNECT on. */
  #key: string | undefined;
  #attempt = 0;
  /** The last one is over, and the server need not have heard: the next CONNECT says that it is for another socket. */
  #isOver = false;
  /** The socket's, on the server. */
  #id = "";
  /** CONNECT is out, and what becomes of it is the server's to say. */
  #isAsking = false;
  /** How long the server keeps its side. */
  #window = 0;
  #expiry: Timer | undefined;
  /** Events of the server's that came, and how many of them it was told. */
  #received = 0;
  #told = 0;
  #telling: Timer | undefined;

  constructor(owner: ResumptionOwner) {
    super();
    this.#owner = owner;
    this.#outbox = owner._outbox;
    this.#uplink = owner._outbox.uplink;
  }

  /** How many events the server is not known to have; those that were never sent are among them. */
  get unconfirmed(): number {
    return this.#uplink.count;
  }

  /** @internal */
  override _failed(error: unknown, event: string): void {
    this.#owner.io.opts.report(error, { stage: "resumption", event });
  }

  /** @internal What CONNECT asks the server; nothing if it would not understand. */
  _request(): ResumptionRequest | undefined {
    const { opts, _session } = this.#owner.io;
    if (!opts.resumption || _session?.ext?.["rs"] !== 1) return undefined;
    this.#key ??= opts.env.secret();
    this.#isAsking = true;
    const request = { k: this.#key, a: ++this.#attempt };
    if (!this.#uplink.life && !this.#isOver) return request;
    const acks = this.#outbox.unanswered;
    this.#told = this.#received;
    return {
      ...request,
      n: this.#received,
      s: this.#isOver ? "" : this.#id,
      ...(acks.length > 0 && { p: acks }),
    };
  }

  /** @internal The server let the socket in, under that id. Gives what it says of resumption. */
  _replied(id: string, data: unknown): ResumptionReply | undefined {
    const reply = this.#isAsking && (data as ResumptionReply | undefined);
    if (this.#uplink.life && !(reply && reply.ok)) this.#lose("unknown");
    // A listener may have ended it.
    if (!reply || !this.#isAsking) return undefined;
    this.#isAsking = this.#isOver = false;
    this.#id = id;
    this.#timers();
    this._loss = undefined;
    this.#window = Math.min(reply.w, LONGEST_DELAY);
    this.#uplink.life ??= {};
    this.#uplink.confirm(reply.h);
    if (reply.gap) this.#received = reply.gap.to;
    return reply;
  }

  /** @internal There is no link. Whether the socket may go on. */
  _suspend(...loss: Loss): boolean {
    this.#isAsking = false;
    if (!this.#uplink.life) return false;
    if (!this._loss) {
      this.#timers();
      this._loss = loss;
      // What could not be read would come again and again; and so would what was too large for somebody on the way.
      const { status, code = status } = Object(loss[1]?.context) as { status?: unknown; code?: unknown };
      const isTooLarge = (code === 413 || code === 1009) && this.#uplink.inDoubt().length > 0;
      if (isTooLarge || loss[0] === "parse error") this.#lose("ended");
      else {
        this.#expiry = this.#owner.io.opts.env.setTimer(() => {
          this.#expiry = undefined;
          // The server decides, if it was asked.
          if (!this.#isAsking) this.#lose("expired");
        }, this.#window);
        this._fire("suspend", ...loss);
      }
    } else if (this.#expiry === undefined) this.#lose("expired");
    return !!this.#uplink.life;
  }

  /** @internal One side wants no more, without a link or with something unconfirmed: `why`, else nothing is lost. */
  _end(why?: LostReason, loss?: Loss): void {
    this.#isAsking = false;
    this.#isOver = this.#attempt > 0;
    if (!this.#uplink.life) return;
    if (why === "refused") this.#lose(why);
    else if (why && this.#uplink.inDoubt().length > 0) this.#lose(why, loss);
    else this.#forget();
  }

  /** @internal An event came: as it is for the application, if it is. */
  _take(packet: EventPacket): EventPacket | undefined {
    const { data, id } = packet;
    if (!this.#uplink.life) return packet;
    const { name, isCounted } = readName(data[0]);
    if (isCounted) this.#count();
    if (data[0] === CONTROL) this.#control(data as never);
    if (name === undefined || isReservedEvent(name)) return undefined;
    if (id !== undefined) this.#uplink.asked(id);
    return name === data[0] ? packet : { ...packet, data: [name, ...data.slice(1)] };
  }

  #control([, kind, what]: readonly [unknown, ...ControlMessage]): void {
    if (kind === "a") this.#uplink.confirm(what);
    if (kind === "r") this.#tell();
    if (kind === "l") for (const id of [what].flat()) this.#outbox.lostAnswer(id);
    if (kind !== "g" || !(Object(what).to > this.#received)) return;
    this.#received = what.to - 1;
    this.#count();
    this._fire("gap", what);
  }

  #count(): void {
    if (++this.#received - this.#told >= EVENTS_PER_ACK) this.#tell();
    else this.#telling ??= this.#owner.io.opts.env.setTimer(() => this.#tell(), ACK_DELAY_MS);
  }

  #tell(): void {
    this.#timers();
    this.#told = this.#received;
    this.#uplink.control("a", this.#told);
  }

  #lose(reason: LostReason, loss = this._loss): void {
    const { report } = this.#owner.io.opts;
    let unconfirmed = this.#forget(reason);
    if (this.#outbox.retries > 0) {
      this.#uplink.again(unconfirmed);
      unconfirmed = [];
    }
    this.#owner._ended(loss, reason === "ended" ? "disconnected" : "reply_lost");
    const left = [...unconfirmed];
    const lost: Lost = { reason, unconfirmed, resend: () => this.#uplink.again(left.splice(0)) };
    if (this.hasListeners("lost")) this._fire("lost", lost);
    else if (unconfirmed.length > 0 && loss?.[0] !== "io client disconnect") {
      const message = `${unconfirmed.length} events may be lost; "lost" of socket.resumption has them`;
      report(new RealtimeError("disconnected", message, { data: lost }), { stage: "resumption" });
    }
  }

  #forget(why?: LostReason): Parcel[] {
    this.#timers();
    this.#isOver = why !== "unknown";
    this._loss = undefined;
    this.#received = this.#told = 0;
    return this.#uplink.end();
  }

  #timers(): void {
    const { env } = this.#owner.io.opts;
    env.clearTimer(this.#expiry);
    env.clearTimer(this.#telling);
    this.#expiry = this.#telling = undefined;
  }
}
