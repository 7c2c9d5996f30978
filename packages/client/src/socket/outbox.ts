import { type ErrorCode, type EventName, RealtimeError } from "@bowline/protocol";
import {
  AckTable,
  contain,
  escapeName,
  isReservedEvent,
  type Listener,
  type SettleAck,
} from "@bowline/protocol/internal";
import { EXTRAS, LEGACY, sendInTurn } from "#extras";
import { byteLength } from "../engine/transport.ts";
import type { SocketOptions } from "../options.ts";
import { type RetryQueue, retryQueue } from "./retry-queue.ts";
import type { SocketLink } from "./socket-link.ts";
import { type Outgoing, type Parcel, Uplink, type UplinkOwner } from "./uplink.ts";

export interface EmitFlags {
  readonly volatile?: boolean;
  readonly ackTimeout?: number | undefined;
  /** It was taken before there was a bound. */
  readonly isLate?: boolean;
}

/** What an outbox has of its socket. */
export interface OutboxOwner extends UplinkOwner {
  /** @internal An event leaves for the server. */
  _sent(data: Outgoing["data"]): void;
}

/** What one socket sends: events, and the acks they wait for; `uplink` keeps what cannot leave, or may have to again. */
export class Outbox {
  readonly io: SocketLink;
  readonly uplink: Uplink;
  readonly #owner: OutboxOwner;
  readonly #ackTimeout: number | undefined;
  readonly #acks: AckTable;
  /** How often what may not have come is sent again. */
  readonly retries: number;
  readonly #retryQueue: RetryQueue | undefined;
  #nextAckId = 0;

  constructor(owner: OutboxOwner, options: SocketOptions) {
    this.io = owner.io;
    this.#owner = owner;
    this.uplink = new Uplink(owner, (parcel) => this.#leaves(parcel));
    this.#ackTimeout = options.ackTimeout;
    this.#acks = new AckTable(owner.io.opts.env);
    const { retries = 0 } = options;
    this.retries = retries;
    if (LEGACY && retries)
      this.#retryQueue = retryQueue(
        retries,
        () => owner._isJoined,
        () => !!owner._life,
      );
  }

  /** What waits for the connection. */
  get queue(): Outgoing[] {
    return this.uplink.events();
  }

  /** MUST be of those that waited. */
  set queue(queue: readonly Outgoing[]) {
    this.uplink.reassign(queue as readonly Parcel[]);
  }

  /** Ids of acks that wait, and whose events were sent. */
  get unanswered(): number[] {
    const queued = this.#queued;
    return this.#acks.ids.filter((id) => !queued.has(id));
  }

  /**
   * Without `settle` a function at the end of `args` takes the answer.
   * @throws RealtimeError `reserved_event`, `unserializable`, `payload_too_large`, `queue_full`
   */
  emit(flags: EmitFlags, event: string | number, args: readonly unknown[], settle?: SettleAck): void {
    const all = { ackTimeout: this.#ackTimeout, ...flags };
    const last = args.at(-1);
    if (!settle && typeof last === "function") {
      args = args.slice(0, -1);
      settle = this.#callback(
        last as Listener,
        event,
        all.ackTimeout !== undefined || (LEGACY && !!this.#retryQueue),
      );
    }
    const data = [event, ...args] as const;
    if (!EXTRAS) return this.#emit(all, data, settle);
    sendInTurn(this.#owner, {
      data,
      send: (whole) => this.#emit(all, whole, settle),
      check: () => this.#encode(data, undefined),
      failed: (error) => this.#failed(error, event, settle),
    });
  }

  /** The answer to an event of the server's. */
  reply(id: number, data: readonly unknown[]): void {
    const frames = this.io._encode(this.#owner.nsp, { type: "ack", id, data });
    this.#assertSize(frames);
    this.uplink.answer({ id, data: ["ack"], frames, isAnswer: true });
  }

  /** The socket is in: what waited goes out. */
  flush(): void {
    this.uplink.flush();
    if (LEGACY) this.#retryQueue?.drain();
  }

  answer(id: number, answer: readonly unknown[]): void {
    this.#acks.answer(id, answer);
  }

  /** There is no answer any more. */
  lostAnswer(id: number): void {
    this.#acks.fail(id, new RealtimeError("reply_lost", "the answer was lost"));
  }

  /** What is still queued will be sent, so its acks may still come. */
  disconnected(code: ErrorCode): void {
    const error = new RealtimeError(code, "socket has been disconnected");
    const queued = this.#queued;
    this.#acks.failAll(error, (id) => queued.has(id));
  }

  /** Of an event the listeners are told; what cannot leave fails. */
  #leaves(parcel: Parcel): boolean {
    const { id, data, isAnswer, isVolatile } = parcel;
    const event = String(data[0]);
    // It may have been encoded for a server that did not agree, or for one that did.
    if (!isAnswer && !isVolatile && event[0] === "$") parcel.frames = this.#frames(data, id);
    const tooLarge = this.#excess(parcel.frames);
    if (!tooLarge) {
      if (!isAnswer) this.#owner._sent(data);
    } else if (id === undefined || isAnswer) {
      this.#report(tooLarge, event);
      if (isAnswer) this.uplink.control("l", [id as number]);
    } else this.#acks.fail(id, tooLarge);
    return !tooLarge;
  }

  get #queued(): Set<number | undefined> {
    return new Set(this.queue.map(({ id }) => id));
  }

  #emit(flags: EmitFlags, data: Outgoing["data"], settle: SettleAck | undefined): void {
    const { ackTimeout } = flags;
    const transmit = (settled: SettleAck | undefined, times: number, isLate = false): void =>
      this.#transmit({ ...flags, ackTimeout: ackTimeout && ackTimeout * times, isLate }, data, settled);
    if (!LEGACY || flags.volatile || !this.#retryQueue) this.#transmit(flags, data, settle);
    else if (this.#owner._life) transmit(settle, this.retries + 1);
    else {
      this.#encode(data, undefined); // throws now what would be thrown later, with nobody to catch it
      this.#retryQueue.push({
        settle,
        transmit: (settled, times) => transmit(settled, times, true),
        failed: (error) => this.#failed(error, data[0], settle),
      });
    }
  }

  #transmit(flags: EmitFlags, data: Outgoing["data"], settle: SettleAck | undefined): void {
    const id = settle && this.#nextAckId++;
    const { uplink } = this;
    // One that wants an answer is like any other once it left: the answer should come.
    const isVolatile = flags.volatile && !settle;
    const frames = this.#encode(data, id, isVolatile);
    if (flags.volatile && !(uplink.canSend() && this.io._session?.idle)) {
      settle?.(new RealtimeError("disconnected", "the volatile event was dropped"), []);
      return;
    }
    const parcel: Parcel = { id, data, frames, isVolatile };
    if (!flags.isLate) uplink.assertRoom(parcel);
    if (id !== undefined) {
      const settled: SettleAck = (error, answer) => {
        if (error?.code === "ack_timeout") uplink.drop(parcel);
        settle?.(error, answer);
      };
      this.#acks.add(id, settled, flags.ackTimeout);
    }
    uplink.put(parcel);
  }

  #encode(data: Outgoing["data"], id: number | undefined, isVolatile?: boolean): Parcel["frames"] {
    const frames = this.#frames(data, id, isVolatile);
    this.#assertSize(frames);
    return frames;
  }

  #frames(data: Outgoing["data"], id: number | undefined, isVolatile?: boolean): Parcel["frames"] {
    const [event, ...args] = data;
    // Reserved names stay what they are, so that they are refused.
    const name = escapeName(event, isVolatile && !isReservedEvent(event));
    const named: Outgoing["data"] = this.#owner._life ? [name, ...args] : data;
    return this.io._encode(this.#owner.nsp, { type: "event", id, data: named });
  }

  #assertSize(frames: Parcel["frames"]): void {
    const tooLarge = this.#excess(frames);
    if (tooLarge) throw tooLarge;
  }

  /** The server would break the connection over it. Nothing is too large while there is none. */
  #excess(frames: Parcel["frames"]): RealtimeError | undefined {
    const limit = this.io._session?.maxPayload ?? Infinity;
    for (const frame of frames) {
      // No character takes more than three bytes, so few are counted. Before text goes the engine's digit.
      const size = frame.length * 3 < limit ? 0 : byteLength(frame) + Number(typeof frame === "string");
      if (size > limit) {
        return new RealtimeError(
          "payload_too_large",
          `${size} bytes; the server's maxHttpBufferSize is ${limit}`,
        );
      }
    }
    return undefined;
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
    this.io.opts.report(error, { stage: "ack", event });
  }
}
