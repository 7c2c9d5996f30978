import { type EventName, type Frame, RealtimeError } from "@bowline/protocol";
import { AckTable, contain, type Listener, type SettleAck } from "@bowline/protocol/internal";
import { EXTRAS, sendInTurn } from "#extras";
import { byteLength } from "../engine/transport.ts";
import type { SocketOptions } from "../options.ts";
import { type RetryQueue, retryQueue } from "./retry-queue.ts";
import type { SocketLink } from "./socket-link.ts";

export interface EmitFlags {
  readonly volatile?: boolean;
  readonly ackTimeout?: number | undefined;
}

/** An event that is ready to go. */
export interface Outgoing {
  /** Of its ack, when it wants one. */
  readonly id: number | undefined;
  readonly data: readonly [EventName, ...unknown[]];
}

interface Encoded extends Outgoing {
  readonly frames: readonly Frame[];
}

/** What an outbox has of its socket. */
export interface OutboxOwner {
  readonly io: SocketLink;
  readonly nsp: string;
  readonly connected: boolean;
  /** @internal An event leaves for the server. */
  _sent(data: Outgoing["data"]): void;
}

/** What one socket sends: events in order, kept while there is no connection, and the acks they wait for. */
export class Outbox {
  readonly #owner: OutboxOwner;
  readonly #ackTimeout: number | undefined;
  readonly #acks: AckTable;
  /**
   * Events emitted while there was no connection, in order. As many as there is memory for, as in Socket.IO. A Set,
   * because from anywhere in it things go without moving the rest.
   */
  #queue = new Set<Encoded>();
  readonly #retries: RetryQueue | undefined;
  #nextAckId = 0;

  constructor(owner: OutboxOwner, options: SocketOptions) {
    this.#owner = owner;
    this.#ackTimeout = options.ackTimeout;
    this.#acks = new AckTable(owner.io.opts.env);
    if (options.retries) this.#retries = retryQueue(options.retries, () => owner.connected);
  }

  /** What waits for the connection. */
  get queue(): Outgoing[] {
    return [...this.#queue];
  }

  /** MUST be of those that waited. */
  set queue(queue: readonly Outgoing[]) {
    this.#queue = new Set(queue as Encoded[]);
  }

  /**
   * Without `settle` a function at the end of `args` takes the answer.
   * @throws RealtimeError `reserved_event`, `unserializable`, `payload_too_large`
   */
  emit(flags: EmitFlags, event: string | number, args: readonly unknown[], settle?: SettleAck): void {
    const all = { ackTimeout: this.#ackTimeout, ...flags };
    const last = args.at(-1);
    if (!settle && typeof last === "function") {
      args = args.slice(0, -1);
      settle = this.#callback(last as Listener, event, all.ackTimeout !== undefined || !!this.#retries);
    }
    const data = [event, ...args] as const;
    if (!EXTRAS) return this.#emit(all, data, settle);
    sendInTurn(this.#owner, {
      data,
      send: (whole) => this.#emit(all, whole, settle),
      check: () => this.#encode(data, undefined),
      failed: (error) => {
        if (settle) settle(RealtimeError.from(error, "unserializable", String(error)), []);
        else this.#report(error, event);
      },
    });
  }

  /** The socket is connected: what waited goes out. */
  flush(): void {
    for (const packet of this.#queue) {
      if (!this.#owner.connected) break;
      this.#queue.delete(packet);
      const tooLarge = this.#excess(packet.frames);
      if (!tooLarge) this.#send(packet);
      else if (packet.id === undefined) this.#report(tooLarge, packet.data[0]);
      else this.#acks.fail(packet.id, tooLarge);
    }
    this.#retries?.drain();
  }

  answer(id: number, answer: readonly unknown[]): void {
    this.#acks.answer(id, answer);
  }

  /** What is still queued will be sent, so its acks may still come. */
  disconnected(): void {
    const error = new RealtimeError("disconnected", "socket has been disconnected");
    const queued = new Set(this.queue.map(({ id }) => id));
    this.#acks.failAll(error, (id) => queued.has(id));
  }

  #emit(flags: EmitFlags, data: Outgoing["data"], settle: SettleAck | undefined): void {
    if (!this.#retries || flags.volatile) this.#transmit(flags, data, settle);
    else {
      this.#encode(data, undefined); // throws now what would be thrown later, with nobody to catch it
      this.#retries.push({ settle, transmit: (settled) => this.#transmit(flags, data, settled) });
    }
  }

  #transmit(flags: EmitFlags, data: Outgoing["data"], settle: SettleAck | undefined): void {
    const id = settle && this.#nextAckId++;
    const frames = this.#encode(data, id);
    // isAlive() first: it may find that the connection is dead, and then the socket is not connected any more.
    const session = this.#owner.io._session;
    const canSend = session?.isAlive() && this.#owner.connected;
    if (flags.volatile && !(canSend && session?.idle)) {
      settle?.(new RealtimeError("disconnected", "the volatile event was dropped"), []);
      return;
    }
    const packet: Encoded = { id, data, frames };
    if (id !== undefined) {
      const settled: SettleAck = (error, answer) => {
        if (error?.code === "ack_timeout") this.#queue.delete(packet);
        settle?.(error, answer);
      };
      this.#acks.add(id, settled, flags.ackTimeout);
    }
    if (canSend && this.#queue.size === 0) this.#send(packet);
    else this.#queue.add(packet);
  }

  #encode(data: Outgoing["data"], id: number | undefined): Encoded["frames"] {
    const frames = this.#owner.io._encode(this.#owner.nsp, { type: "event", id, data });
    const tooLarge = this.#excess(frames);
    if (tooLarge) throw tooLarge;
    return frames;
  }

  /** The server would break the connection over it. Nothing is too large while there is none. */
  #excess(frames: Encoded["frames"]): RealtimeError | undefined {
    const limit = this.#owner.io._session?.maxPayload ?? Infinity;
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

  #send({ data, frames }: Encoded): void {
    this.#owner._sent(data);
    this.#owner.io._session?.send(frames);
  }

  /** A callback that takes an error first is told of every failure; a plain one gets answers only, whatever they say. */
  #callback(run: Listener, event: string | number, takesError: boolean): SettleAck {
    return (error, answer) => {
      if (!takesError && error && error.code !== "handler_failed") return;
      const args = takesError ? [error, ...(error ? [] : answer)] : answer;
      contain(run, args, (failure) => this.#report(failure, event), this.#owner);
    };
  }

  #report(error: unknown, event: string | number): void {
    this.#owner.io.opts.report(error, { stage: "ack", event });
  }
}
