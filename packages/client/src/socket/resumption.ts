import { type CloseReason, type EventPacket, type Gap, RealtimeError } from "@bowline/protocol";
import {
  CONTROL,
  type ControlMessage,
  EXTENSIONS_KEY,
  isReservedEvent,
  readName,
  type ResumptionReply,
  type Timer,
} from "@bowline/protocol/internal";
import { EXTRAS, HTTP, LEGACY } from "#extras";
import { Emitter } from "../emitter.ts";
import { LONGEST_DELAY } from "../engine/engine-options.ts";
import type { DisconnectDetails } from "../engine/transport.ts";
import type { Outbox } from "./outbox.ts";
import type { Outgoing, Parcel } from "./parcel.ts";
import type { SocketLink } from "./socket-link.ts";
import type { Status } from "./status.ts";

/** The server is told what came at every so manieth event, or so long after the first that it was not told of. */
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
  readonly active: boolean;
  readonly status: Status;
  /** @internal */
  readonly _outbox: Outbox;
  /** @internal There is one while the server agreed, and each resumption has its own. */
  _life: object | undefined;
  /** @internal CONNECT is out, and what becomes of it is the server's to say. */
  readonly _isAsked: boolean;
  /** @internal */
  readonly _loss: Loss | undefined;
  /** @internal The application is told, unless it knows. */
  _gone(): void;
}

/** What CONNECT says of it. */
interface Claim {
  /** Who has it is this client; from the first CONNECT on. */
  k: string;
  /** CONNECTs that were sent. */
  a: number;
  /** Events of the server's that came. It is there, and `s` too, once the server may have a socket. */
  n: number;
  /** That socket. Empty when it is over, of which the server need not have heard. */
  s: string;
}

/**
 * How a socket goes on where its link broke. SPEC U40 to U69.
 *
 *   none ── CONNECT ──► asked ── reply ──► linked ── link lost ──► suspended ── reply with ok ──► linked
 *    ▲                                        └── ended ──┬────────────┘ expired, refused
 *    └────────────────────────────────────────────────────┘                 reply without ok: lost, and linked anew
 */
export class Resumption extends Emitter<object, ResumptionEvents> {
  readonly #owner: ResumptionOwner;
  readonly #outbox: Outbox;
  readonly #claim = { k: "", a: 0 } as Claim;
  /** How long the server keeps its side. */
  #window = 0;
  /** While linked, until the server is told what came; while suspended, until it is too late. */
  #timer: Timer | undefined;

  constructor(owner: ResumptionOwner) {
    super();
    this.#owner = owner;
    this.#outbox = owner._outbox;
  }

  /** How many events the server is not known to have; those that were never sent are among them. */
  get unconfirmed(): number {
    return this.#outbox.count;
  }

  /** @internal */
  override _failed(error: unknown, event: string): void {
    this.#owner.io.opts.report(error, { stage: "resumption", event });
  }

  /** @internal The data of CONNECT, with what it asks, unless the server would not understand. */
  _request(data: object | undefined): object | undefined {
    const { opts, _session } = this.#owner.io;
    if (!opts.resumption || _session?.ext?.["rs"] !== 1) return data;
    this.#claim.k ||= opts.env.secret();
    this.#claim.a++;
    const p = this.#outbox.unanswered;
    return { ...data, [EXTENSIONS_KEY]: { rs: { ...this.#claim, ...(p.length > 0 && { p }) } } };
  }

  /** @internal The server let the socket in, under that id, and keeps it from now on; or goes on with the one that it kept. */
  _agreed(id: string, reply: ResumptionReply): void {
    const { gap } = reply;
    const goesOn = !!this.#owner._life;
    this.#owner._life ??= {};
    this.#clear();
    this.#window = Math.min(reply.w, LONGEST_DELAY);
    if (!goesOn) this.#claim.n = 0;
    if (gap) this.#claim.n = gap.to;
    this.#claim.s = id;
    this.#outbox.confirm(reply.h);
    const lost = this.#outbox.repeat([reply.p ?? []].flat());
    if (lost.length > 0) this.#outbox.control("l", lost);
    if (gap) this._fire("gap", gap);
    if (goesOn) this._fire("resume", { gap });
  }

  /** @internal There is no link, or still none. Then the socket goes on, or has ended. */
  _suspend(isNews: boolean): void {
    if (!this.#owner._life) this._end("ended");
    else if (!isNews) {
      if (!this.#timer) this._end("expired");
    } else if (this.#isHopeless()) this._end("ended");
    else {
      this.#clear();
      this.#timer = this.#owner.io.opts.env.setTimer(() => {
        this.#timer = undefined;
        // The server decides, if it was asked.
        if (!this.#owner._isAsked) this._end("expired");
      }, this.#window);
      this._fire("suspend", ...(this.#owner._loss as Loss));
    }
  }

  /** What could not be read would come again and again; and so would what was too large for somebody on the way. */
  #isHopeless(): boolean {
    const [reason, details] = this.#owner._loss as Loss;
    const { status, code } = Object(details?.context) as { status?: unknown; code?: unknown };
    return (
      reason === "parse error" ||
      (((HTTP && status === 413) || code === 1009) && this.#outbox.inDoubt.length > 0)
    );
  }

  /** @internal It goes on no more, if it would have. */
  _end(reason: LostReason): void {
    const { _life, _outbox, active } = this.#owner;
    const inDoubt = this._forget();
    if (LEGACY && _outbox.retries > 0) this.#outbox.again(inDoubt.splice(0));
    this.#owner._gone();
    _outbox.disconnected(reason === "ended" ? "disconnected" : "reply_lost");
    const count = inDoubt.length;
    // Who left, or was sent away, knows.
    if (!_life || (reason === "ended" && !active && count === 0)) return;
    const resend = (): void => this.#outbox.again(inDoubt.splice(0));
    const lost: Lost = { reason, unconfirmed: [...inDoubt], resend };
    const isHeard = this._fire("lost", lost);
    if (!isHeard && count > 0 && this.#owner._loss?.[0] !== "io client disconnect") {
      const hint = EXTRAS ? '; "lost" of socket.resumption has them' : "";
      this._failed(
        new RealtimeError("disconnected", `${count} events may be lost${hint}`, { data: lost }),
        "lost",
      );
    }
  }

  /** @internal That is meant: the application is told nothing, the server by the next CONNECT. Gives what is in doubt. */
  _forget(): Parcel[] {
    if (this.#owner._life || !this.#owner.active) {
      this.#claim.n = 0;
      this.#claim.s = "";
    }
    this.#owner._life = undefined;
    this.#clear();
    this.#owner.status._changed();
    return this.#outbox.end();
  }

  /** @internal An event came: as it is for the application, if it is. */
  _take({ data, id }: EventPacket): EventPacket["data"] | undefined {
    if (!this.#owner._life) return data;
    const [name, isCounted] = readName(data[0]);
    if (isCounted) this.#came(this.#claim.n + 1);
    if (data[0] === CONTROL) this.#control(data as never);
    if (name === undefined || isReservedEvent(name)) return undefined;
    if (id !== undefined) this.#outbox.asked(id);
    return name === data[0] ? data : [name, ...data.slice(1)];
  }

  #control([, kind, what]: readonly [unknown, ...ControlMessage]): void {
    if (kind === "a") this.#outbox.confirm(what);
    if (kind === "r") this.#tell();
    if (kind === "l") for (const id of [what].flat()) this.#outbox.lostAnswer(id);
    if (kind === "g" && Object(what).to > this.#claim.n) {
      this.#came(what.to);
      this._fire("gap", what);
    }
  }

  /** So many events. */
  #came(count: number): void {
    this.#claim.n = count;
    if (count % EVENTS_PER_ACK === 0) this.#tell();
    else this.#timer ??= this.#owner.io.opts.env.setTimer(() => this.#tell(), ACK_DELAY_MS);
  }

  #tell(): void {
    this.#clear();
    this.#outbox.control("a", this.#claim.n);
  }

  #clear(): void {
    this.#owner.io.opts.env.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}
