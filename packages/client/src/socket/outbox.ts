import { type ErrorCode, type EventName, type Packet, RealtimeError } from "@bowline/protocol";
import {
  contain,
  CONTROL,
  type ControlMessage,
  errorInAnswer,
  escapeName,
  isReservedEvent,
  type Listener,
  type SettleAck,
  timedOut,
  type Timer,
} from "@bowline/protocol/internal";
import { EXTRAS, LEGACY, sendInTurn } from "#extras";
import type { SocketOptions } from "../options.ts";
import { excess, type Outgoing, type Parcel, sizeOf } from "./parcel.ts";
import { type RetryQueue, retryQueue } from "./retry-queue.ts";
import type { SocketLink, Unaddressed } from "./socket-link.ts";
import type { Status } from "./status.ts";

/** Unless the option `resumption` says otherwise. */
const MAX_QUEUED_BYTES = 1 << 24;
const MAX_ANSWERS = 256;
const MAX_ANSWERED_BYTES = 65_536;
/** Of those that the application never answers. */
const MAX_QUESTIONS = 10_000;

export interface EmitFlags {
  readonly volatile?: boolean;
  readonly ackTimeout?: number | undefined;
  /** It was taken before there was a bound. */
  readonly isLate?: boolean;
}

/** An event that wants an answer. */
interface Question {
  readonly parcel: Parcel;
  readonly settle: SettleAck;
  readonly timer: Timer | undefined;
}

/** What an outbox has of its socket. */
export interface OutboxOwner {
  readonly io: SocketLink;
  readonly nsp: string;
  readonly status: Status;
  /** @internal What is sent now can leave now. */
  readonly _isJoined: boolean;
  /** @internal There is one while the server agreed to resumption. */
  readonly _life: object | undefined;
  /** @internal An event leaves for the server. */
  _sent(data: Outgoing["data"]): void;
  /** @internal */
  _send(packet: Unaddressed<Packet>): void;
}

/**
 * What leaves a socket, in order: kept until it is sent, and where the server agreed to resumption, until it is known to have
 * come; and the answers that events wait for. SPEC U43 to U47.
 */
export class Outbox {
  /** Of events that are here. */
  count = 0;
  /** How often what may not have come is sent again. */
  declare readonly retries: number;
  readonly #owner: OutboxOwner;
  readonly #ackTimeout: number | undefined;
  readonly #retryQueue: RetryQueue | undefined;
  /** A Set, because from anywhere in it things go without moving the rest. */
  readonly #parcels = new Set<Parcel>();
  /** Of those that wait. */
  #waiting = 0;
  /** Bytes, and letters of text, of all that is here. */
  #size = 0;
  /** The server was asked to confirm, because it is half full. */
  #isPressed = false;
  /** How many events the server is known to have: the first that was sent is the next one. */
  #confirmed = 0;
  /** By the ids of their acks. */
  readonly #questions = new Map<number, Question>();
  #nextId = 0;
  /** Ids of what the server asked, and has no answer to. */
  readonly #asked = new Set<number>();
  /** Those that it was given last, and their size. */
  readonly #answers = new Map<number, Parcel>();
  #answered = 0;

  constructor(owner: OutboxOwner, options: SocketOptions) {
    this.#owner = owner;
    this.#ackTimeout = options.ackTimeout;
    if (!LEGACY) return;
    this.retries = options.retries ?? 0;
    if (this.retries > 0)
      this.#retryQueue = retryQueue(
        this.retries,
        () => owner._isJoined,
        () => !!owner._life,
      );
  }

  /** Events that wait for the connection. */
  get queue(): Parcel[] {
    return [...this.#parcels].filter((parcel) => !parcel.isSent && !parcel.isAnswer);
  }

  /** MUST be of those that waited. */
  set queue(queue: readonly Parcel[]) {
    for (const parcel of this.queue) this.#drop(parcel);
    for (const parcel of queue) this.#add(parcel);
  }

  /** Events that the server may have or not. */
  get inDoubt(): Parcel[] {
    return [...this.#parcels].filter((parcel) => parcel.isSent && !parcel.isAnswer);
  }

  /** Ids of acks that wait, and whose events were sent. */
  get unanswered(): number[] {
    return [...this.#questions].filter(([, { parcel }]) => !this.#waits(parcel)).map(([id]) => id);
  }

  /**
   * Without `settle` a function at the end of `args` takes the answer.
   * @throws RealtimeError `reserved_event`, `unserializable`, `payload_too_large`, `queue_full`
   */
  emit(given: EmitFlags, event: string | number, args: readonly unknown[], settle?: SettleAck): void {
    const flags = { ackTimeout: this.#ackTimeout, ...given };
    const last = args.at(-1);
    if (!settle && typeof last === "function") {
      args = args.slice(0, -1);
      const takesError = flags.ackTimeout !== undefined || (LEGACY && !!this.#retryQueue);
      settle = this.#callback(last as Listener, event, takesError);
    }
    const data = [event, ...args] as const;
    if (!LEGACY) return this.#prepare(flags, data, settle);
    if (!EXTRAS) return this.#emit(flags, data, settle);
    sendInTurn(this.#owner, {
      data,
      send: (whole) => this.#emit(flags, whole, settle),
      check: () => this.#frames(data, undefined),
      failed: (error) => this.#failed(error, event, settle),
    });
  }

  /** The answer to an event of the server's. Without a life nobody waits for it later. */
  reply(id: number, data: readonly unknown[]): void {
    const frames = this.#encode({ type: "ack", id, data });
    this.#assertSize(frames);
    const answer: Parcel = { id, data: ["ack"], frames, isAnswer: true };
    if (!this.#owner._life) return this.#transmit(answer);
    this.#asked.delete(id);
    this.#answers.set(id, answer);
    this.#answered += sizeOf(answer);
    for (const [oldId, oldest] of this.#answers) {
      const isTooMuch = this.#answers.size > MAX_ANSWERS || this.#answered > MAX_ANSWERED_BYTES;
      if (!isTooMuch || oldest === answer) break;
      this.#answers.delete(oldId);
      this.#answered -= sizeOf(oldest);
      this.#drop(oldest);
    }
    this.#put(answer);
  }

  /** The socket is in: what waited goes out. */
  flush(): void {
    for (const parcel of this.#waiting > 0 ? this.#parcels : []) {
      if (!this.#owner._isJoined) break;
      if (!parcel.isSent) this.#send(parcel);
    }
    if (LEGACY) this.#retryQueue?.drain();
  }

  /** Late and invented answers are nothing to worry about. */
  answer(id: number, answer: readonly unknown[]): void {
    this.#settle(id, errorInAnswer(answer), answer);
  }

  /** There is no answer any more. */
  lostAnswer(id: number): void {
    this.#settle(id, new RealtimeError("reply_lost", "the answer was lost"));
  }

  /** What still waits will be sent, so its acks may still come. */
  disconnected(code: ErrorCode): void {
    const error = new RealtimeError(code, "socket has been disconnected");
    for (const id of this.unanswered) this.#settle(id, error);
  }

  /** The server waits for an answer. */
  asked(id: number): void {
    if (this.#asked.size < MAX_QUESTIONS) this.#asked.add(id);
  }

  /** The server has the first `count` events, and the answers between them. */
  confirm(count: number): void {
    for (const parcel of this.#parcels) {
      if (!parcel.isSent) continue;
      if (!(this.#confirmed < count)) break;
      this.#isPressed = false;
      this.#drop(parcel);
      if (!parcel.isAnswer) this.#confirmed++;
    }
  }

  /**
   * The server goes on, and gets again what it may not have, and the answers that it waits for. Gives the ids of those that
   * are neither kept nor still to come.
   */
  repeat(wanted: readonly number[]): number[] {
    for (const parcel of this.#parcels) {
      const isWanted = !parcel.isAnswer || wanted.includes(parcel.id as number);
      if (parcel.isSent && isWanted) this.#transmit(parcel);
    }
    return wanted.filter((id) => !this.#asked.has(id) && !this.#answers.has(id));
  }

  /** It goes on no more. Gives what is in doubt. */
  end(): Parcel[] {
    const { inDoubt } = this;
    for (const parcel of this.#parcels) if (parcel.isSent || parcel.isAnswer) this.#drop(parcel);
    this.#asked.clear();
    this.#answers.clear();
    this.#confirmed = this.#answered = 0;
    return inDoubt;
  }

  /** Before all that waits. */
  again(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) parcel.isSent = false;
    this.queue = [...parcels, ...this.queue];
    this.flush();
  }

  /** Says something to the server's resumption. */
  control(...message: ControlMessage): void {
    this.#owner._send({ type: "event", data: [CONTROL, ...message] });
  }

  #emit(flags: EmitFlags, data: Outgoing["data"], settle: SettleAck | undefined): void {
    const { ackTimeout } = flags;
    const transmit = (settled: SettleAck | undefined, times: number, isLate = false): void =>
      this.#prepare({ ...flags, ackTimeout: ackTimeout && ackTimeout * times, isLate }, data, settled);
    if (flags.volatile || !this.#retryQueue) this.#prepare(flags, data, settle);
    else if (this.#owner._life) transmit(settle, this.retries + 1);
    else {
      this.#assertSize(this.#frames(data, undefined)); // throws now what would be thrown later, with nobody to catch it
      this.#retryQueue.push({
        settle,
        transmit: (settled, times) => transmit(settled, times, true),
        failed: (error) => this.#failed(error, data[0], settle),
      });
    }
  }

  #prepare(flags: EmitFlags, data: Outgoing["data"], settle: SettleAck | undefined): void {
    const { io, _life } = this.#owner;
    const id = settle && this.#nextId++;
    // One that wants an answer is like any other once it left: the answer should come.
    const isVolatile = flags.volatile && !settle;
    const frames = this.#frames(data, id, isVolatile);
    this.#assertSize(frames);
    if (flags.volatile && !(this.#canSend() && io._session?.idle)) {
      settle?.(new RealtimeError("disconnected", "the volatile event was dropped"), []);
      return;
    }
    const parcel: Parcel = { id, data, frames, isVolatile };
    // Once the server agreed; else there is as much room as memory, as in Socket.IO.
    if (_life && !(LEGACY && flags.isLate) && this.#size + sizeOf(parcel) > this.#limit) {
      const message = `${this.#size} bytes wait to be confirmed; wait too, or raise resumption.maxQueuedBytes`;
      throw new RealtimeError("queue_full", message);
    }
    if (settle && id !== undefined) {
      const { ackTimeout } = flags;
      const late = (): void => this.#settle(id, timedOut());
      const timer = ackTimeout === undefined ? undefined : io.opts.env.setTimer(late, ackTimeout);
      this.#questions.set(id, { parcel, settle, timer });
    }
    this.#put(parcel);
  }

  /** isAlive() first: it may find that the connection is dead, and then the socket is not joined any more. */
  #canSend(): boolean {
    return !!this.#owner.io._session?.isAlive() && this.#owner._isJoined;
  }

  /** Sends it when it can be sent. */
  #put(parcel: Parcel): void {
    const { _life } = this.#owner;
    // Bytes are the application's, who may change them before they are sent again.
    if (_life && parcel.frames.length > 1) {
      parcel.frames = parcel.frames.map((frame) =>
        typeof frame === "string" ? frame : new Uint8Array(frame),
      );
    }
    this.#add(parcel);
    if (!this.#canSend() || this.#waiting > 1) return;
    this.#send(parcel);
    if (!_life || this.#isPressed || this.#size < this.#limit / 2) return;
    this.#isPressed = true;
    this.control("r");
  }

  /** Of an event the listeners are told, who may send something before it; what cannot leave fails. */
  #send(parcel: Parcel): void {
    const { io } = this.#owner;
    const { id, data, isAnswer, isVolatile } = parcel;
    const event = String(data[0]);
    this.#drop(parcel);
    parcel.isSent = true;
    // It may have been encoded for a server that did not agree, or for one that did.
    if (!isAnswer && !isVolatile && event[0] === "$") parcel.frames = this.#frames(data, id);
    const tooLarge = excess(parcel.frames, io._session);
    if (tooLarge) {
      if (id === undefined || isAnswer) this.#report(tooLarge, event);
      else this.#settle(id, tooLarge);
      if (isAnswer) this.control("l", [id as number]);
      return;
    }
    if (LEGACY && !isAnswer) this.#owner._sent(data);
    if (this.#owner._life && !isVolatile) this.#add(parcel);
    this.#transmit(parcel);
  }

  #transmit({ frames }: Parcel): void {
    this.#owner.io._session?.send(frames);
  }

  #add(parcel: Parcel): void {
    this.#parcels.add(parcel);
    this.#account(parcel, 1);
  }

  #drop(parcel: Parcel): void {
    if (this.#parcels.delete(parcel)) this.#account(parcel, -1);
  }

  #account(parcel: Parcel, sign: number): void {
    this.#size += sign * sizeOf(parcel);
    if (!parcel.isSent) this.#waiting += sign;
    if (!parcel.isAnswer) this.count += sign;
    this.#owner.status._changed();
  }

  #waits(parcel: Parcel): boolean {
    return !parcel.isSent && this.#parcels.has(parcel);
  }

  get #limit(): number {
    return Number(Object(this.#owner.io.opts.resumption).maxQueuedBytes || MAX_QUEUED_BYTES);
  }

  #settle(id: number, error: RealtimeError | null, answer: readonly unknown[] = []): void {
    const question = this.#questions.get(id);
    if (!question) return;
    this.#questions.delete(id);
    this.#owner.io.opts.env.clearTimer(question.timer);
    // It was not sent yet, and need not be.
    if (this.#waits(question.parcel)) this.#drop(question.parcel);
    question.settle(error, answer);
  }

  #frames(data: Outgoing["data"], id: number | undefined, isVolatile?: boolean): Parcel["frames"] {
    const [event, ...args] = data;
    // Reserved names stay what they are, so that they are refused.
    const name = escapeName(event, isVolatile && !isReservedEvent(event));
    return this.#encode({ type: "event", id, data: this.#owner._life ? [name, ...args] : data });
  }

  #encode(packet: Unaddressed<Packet>): Parcel["frames"] {
    return this.#owner.io._encode(this.#owner.nsp, packet);
  }

  #assertSize(frames: Parcel["frames"]): void {
    const tooLarge = excess(frames, this.#owner.io._session);
    if (tooLarge) throw tooLarge;
  }

  /** A callback that takes an error first is told of every failure; a plain one gets answers only, whatever they say. */
  #callback(run: Listener, event: string | number, takesError: boolean): SettleAck {
    return (error, answer) => {
      if (!takesError && error && error.code !== "handler_failed") return;
      const args = takesError ? [error, ...(error ? [] : answer)] : answer;
      contain(run, args, (failure) => this.#report(failure, event), this.#owner);
    };
  }

  /** Nobody is there any more who could catch it. */
  #failed(error: unknown, event: EventName, settle: SettleAck | undefined): void {
    if (settle) settle(RealtimeError.from(error, "unserializable", String(error)), []);
    else this.#report(error, event);
  }

  #report(error: unknown, event: string | number): void {
    this.#owner.io.opts.report(error, { stage: "ack", event });
  }
}
