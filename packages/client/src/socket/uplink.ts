import { type EventName, type Frame, type Packet, RealtimeError } from "@bowline/protocol";
import { CONTROL, type ControlMessage } from "@bowline/protocol/internal";
import type { SocketLink, Unaddressed } from "./socket-link.ts";
import type { Status } from "./status.ts";

/** Unless the option `resumption` says otherwise. */
const MAX_QUEUED_BYTES = 1 << 24;
const MAX_ANSWERS = 256;
const MAX_ANSWERED_BYTES = 65_536;
/** Of those that the application never answers. */
const MAX_QUESTIONS = 10_000;

/** An event that is ready to go. */
export interface Outgoing {
  /** Of its ack, when it wants one. */
  readonly id: number | undefined;
  readonly data: readonly [EventName, ...unknown[]];
}

/** An event, or the answer to one of the server's, with what goes over the wire for it. */
export interface Parcel extends Outgoing {
  frames: readonly Frame[];
  /** Then nobody looks at its data. */
  readonly isAnswer?: true;
  /** It is not counted. */
  readonly isVolatile?: boolean | undefined;
}

/** What an uplink has of its socket. */
export interface UplinkOwner {
  readonly io: SocketLink;
  readonly nsp: string;
  readonly status: Status;
  /** @internal What is sent now can leave now. */
  readonly _isJoined: boolean;
  /** @internal There is one while the server agreed to resumption. */
  readonly _life: object | undefined;
  /** @internal */
  _send(packet: Unaddressed<Packet>): void;
}

/**
 * What leaves a socket, in order: kept until it is sent, and where the server agreed to resumption, until it is known to have
 * come. SPEC U43 to U46.
 */
export class Uplink {
  /** Of events that are here. */
  count = 0;
  /** Bytes, and letters of text, of all that is here. */
  #size = 0;
  /** The server was asked to confirm, because it is half full. */
  #isPressed = false;
  /** Sets, because from anywhere in them things go without moving the rest. */
  readonly #waiting = new Set<Parcel>();
  readonly #sent = new Set<Parcel>();
  /** How many events the server is known to have: the first that was sent is the next one. */
  #confirmed = 0;
  /** Those that were given last. */
  #answers: Parcel[] = [];
  /** Their size. */
  #answered = 0;
  /** Ids of what the server asked, and has no answer to. */
  readonly #questions = new Set<number>();
  readonly #owner: UplinkOwner;
  /** The last word before something is sent: whether it may. */
  readonly #leaves: (parcel: Parcel) => boolean;

  constructor(owner: UplinkOwner, leaves: (parcel: Parcel) => boolean) {
    this.#owner = owner;
    this.#leaves = leaves;
  }

  /** Events that were not sent. */
  events(): Parcel[] {
    return [...this.#waiting].filter(isEvent);
  }

  /** In the place of those. */
  reassign(parcels: readonly Parcel[]): void {
    for (const parcel of this.events()) this.drop(parcel);
    for (const parcel of parcels) this.#add(this.#waiting, parcel);
  }

  /** Events that the server may have or not. */
  inDoubt(): Parcel[] {
    return [...this.#sent].filter(isEvent);
  }

  /** isAlive() first: it may find that the connection is dead, and then the socket is not joined any more. */
  canSend(): boolean {
    return !!this.#owner.io._session?.isAlive() && this.#owner._isJoined;
  }

  /** @throws RealtimeError `queue_full`, once the server agreed; else there is as much room as memory, as in Socket.IO. */
  assertRoom(parcel: Parcel): void {
    if (this.#owner._life && this.#size + sizeOf(parcel) > this.#limit) {
      const message = `${this.#size} bytes wait to be confirmed; wait too, or raise resumption.maxQueuedBytes`;
      throw new RealtimeError("queue_full", message);
    }
  }

  /** Sends it when it can be sent. */
  put(parcel: Parcel): void {
    const { frames } = parcel;
    // Bytes are the application's, who may change them before they are sent again.
    if (this.#owner._life && frames.length > 1) {
      parcel.frames = frames.map((frame) => (typeof frame === "string" ? frame : new Uint8Array(frame)));
    }
    this.#add(this.#waiting, parcel);
    if (!this.canSend() || this.#waiting.size > 1) return;
    this.#send(parcel);
    if (!this.#owner._life || this.#isPressed || this.#size < this.#limit / 2) return;
    this.#isPressed = true;
    this.control("r");
  }

  /** Does nothing if it was sent. */
  drop(parcel: Parcel, from: Set<Parcel> = this.#waiting): void {
    if (!from.delete(parcel)) return;
    this.#size -= sizeOf(parcel);
    this.count -= Number(isEvent(parcel));
    this.#owner.status._changed();
  }

  flush(): void {
    for (const parcel of this.#waiting) {
      if (!this.#owner._isJoined) break;
      this.#send(parcel);
    }
  }

  /** The server has the first `count` events, and the answers between them. */
  confirm(count: number): void {
    for (const parcel of this.#sent) {
      if (!(this.#confirmed < count)) break;
      this.#isPressed = false;
      this.drop(parcel, this.#sent);
      if (isEvent(parcel)) this.#confirmed++;
    }
  }

  /** The server waits for an answer. */
  asked(id: number): void {
    if (this.#questions.size < MAX_QUESTIONS) this.#questions.add(id);
  }

  /** Without a life nobody waits for the answer later. */
  answer(answer: Parcel): void {
    if (!this.#owner._life) return this.#transmit(answer);
    this.#questions.delete(answer.id as number);
    this.#answers.push(answer);
    this.#answered += sizeOf(answer);
    while (this.#answers.length > MAX_ANSWERS || this.#answered > MAX_ANSWERED_BYTES) {
      if (this.#answers.length === 1) break;
      const oldest = this.#answers.shift() as Parcel;
      this.#answered -= sizeOf(oldest);
      this.drop(oldest);
      this.drop(oldest, this.#sent);
    }
    this.put(answer);
  }

  /**
   * The server goes on, and gets again what it may not have, and the answers that it waits for. Gives the ids of those that
   * are neither kept nor still to come.
   */
  repeat(wanted: readonly number[]): number[] {
    for (const parcel of this.#sent) {
      if (isEvent(parcel) || wanted.includes(parcel.id as number)) this.#transmit(parcel);
    }
    return wanted.filter(
      (id) => !this.#questions.has(id) && !this.#answers.some((answer) => answer.id === id),
    );
  }

  /** It goes on no more. Gives what is in doubt. */
  end(): Parcel[] {
    const inDoubt = this.inDoubt();
    for (const parcel of this.#answers) this.drop(parcel);
    for (const parcel of this.#sent) this.drop(parcel, this.#sent);
    this.#confirmed = 0;
    this.#answers = [];
    this.#answered = 0;
    this.#questions.clear();
    return inDoubt;
  }

  /** Before all that waits. */
  again(parcels: readonly Parcel[]): void {
    this.reassign([...parcels, ...this.events()]);
    this.flush();
  }

  /** Says something to the server's resumption. */
  control(...message: ControlMessage): void {
    this.#owner._send({ type: "event", data: [CONTROL, ...message] });
  }

  get #limit(): number {
    const { resumption } = this.#owner.io.opts;
    return Number(Object(resumption).maxQueuedBytes || MAX_QUEUED_BYTES);
  }

  #send(parcel: Parcel): void {
    this.drop(parcel);
    if (!this.#leaves(parcel)) return;
    if (this.#owner._life && !parcel.isVolatile) this.#add(this.#sent, parcel);
    this.#transmit(parcel);
  }

  #add(to: Set<Parcel>, parcel: Parcel): void {
    to.add(parcel);
    this.#size += sizeOf(parcel);
    this.count += Number(isEvent(parcel));
    this.#owner.status._changed();
  }

  #transmit({ frames }: Parcel): void {
    this.#owner.io._session?.send(frames);
  }
}

function isEvent({ isAnswer }: Parcel): boolean {
  return !isAnswer;
}

function sizeOf({ frames }: Parcel): number {
  let size = 0;
  for (const { length } of frames) size += length;
  return size;
}
