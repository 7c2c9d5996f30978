import { type EventName, type Frame, RealtimeError } from "@bowline/protocol";
import { AckTable, contain, type Listener, type SettleAck } from "@bowline/protocol/internal";
import type { SocketOptions } from "../options.ts";
import { type Inbox, OUT } from "./inbox.ts";
import { type RetryQueue, retryQueue } from "./retry-queue.ts";
import type { SocketLink } from "./socket-link.ts";

export interface EmitFlags {
  readonly volatile?: boolean;
  readonly ackTimeout?: number | undefined;
}

/** An event that is ready to go. */
interface Outgoing {
  /** Of its ack, when it wants one. */
  readonly id: number | undefined;
  readonly data: readonly [EventName, ...unknown[]];
  readonly frames: readonly Frame[];
}

/** What one socket sends: events in order, kept while there is no connection, and the acks they wait for. */
export class Outbox {
  readonly #link: SocketLink;
  readonly #inbox: Inbox;
  readonly #isConnected: () => boolean;
  readonly #ackTimeout: number | undefined;
  readonly #acks: AckTable;
  /**
   * Events emitted while there was no connection, in order. As many as there is memory for, as in Socket.IO. A Set,
   * because from anywhere in it things go without moving the rest.
   */
  readonly #queue = new Set<Outgoing>();
  readonly #retries: RetryQueue | undefined;
  #nextAckId = 0;

  constructor(link: SocketLink, inbox: Inbox, isConnected: () => boolean, options: SocketOptions) {
    this.#link = link;
    this.#inbox = inbox;
    this.#isConnected = isConnected;
    this.#ackTimeout = options.ackTimeout;
    this.#acks = new AckTable(link.options.env);
    if (options.retries) this.#retries = retryQueue(options.retries, isConnected);
  }

  /**
   * Without `settle` a function at the end of `args` takes the answer.
   * @throws RealtimeError `reserved_event`, `unserializable`
   */
  emit(flags: EmitFlags, event: string | number, args: readonly unknown[], settle?: SettleAck): void {
    const limit = { ackTimeout: this.#ackTimeout, ...flags };
    const last = args.at(-1);
    if (!settle && typeof last === "function") {
      args = args.slice(0, -1);
      settle = this.#callback(
        last as Listener,
        event,
        limit.ackTimeout !== undefined || this.#retries !== undefined,
      );
    }
    const data = [event, ...args] as const;
    if (!this.#retries || flags.volatile) this.#transmit(limit, data, settle);
    else {
      this.#encode(data, undefined); // throws now what would be thrown later, with nobody to catch it
      this.#retries.push({ settle, transmit: (settled) => this.#transmit(limit, data, settled) });
    }
  }

  /** The socket is connected: what waited goes out. */
  flush(): void {
    for (const packet of this.#queue) {
      if (!this.#isConnected()) break;
      this.#queue.delete(packet);
      this.#send(packet);
    }
    this.#retries?.drain();
  }

  answer(id: number, answer: readonly unknown[]): void {
    this.#acks.answer(id, answer);
  }

  /** What is still queued will be sent, so its acks may still come. */
  disconnected(): void {
    const error = new RealtimeError("disconnected", "socket has been disconnected");
    const queued = new Set([...this.#queue].map(({ id }) => id));
    this.#acks.failAll(error, (id) => queued.has(id));
  }

  #transmit(flags: EmitFlags, data: Outgoing["data"], settle: SettleAck | undefined): void {
    const id = settle && this.#nextAckId++;
    const frames = this.#encode(data, id);
    // isAlive() first: it may find that the connection is dead, and then the socket is not connected any more.
    const session = this.#link.session();
    const canSend = session?.isAlive() && this.#isConnected();
    if (flags.volatile && !(canSend && session?.idle)) {
      settle?.(new RealtimeError("disconnected", "the volatile event was dropped"), []);
      return;
    }
    const packet = { id, data, frames };
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

  #encode(data: Outgoing["data"], id: number | undefined): Outgoing["frames"] {
    return this.#link.encode({ type: "event", id, data });
  }

  #send({ data, frames }: Outgoing): void {
    this.#inbox.notify(OUT, data);
    this.#link.session()?.send(frames);
  }

  /** A callback that takes an error first is told of every failure; a plain one gets answers only, whatever they say. */
  #callback(run: Listener, event: string | number, takesError: boolean): SettleAck {
    return (error, answer) => {
      if (!takesError && error && error.code !== "handler_failed") return;
      const args = takesError ? [error, ...(error ? [] : answer)] : answer;
      contain(run, args, (failure) => this.#link.options.report(failure, { stage: "ack", event }));
    };
  }
}
