import { type CloseReason, type EnginePacket, type EventName, RealtimeError } from "@bowline/protocol";
import { type Answer, AckTable, contain, escapeName, type SettleAck } from "@bowline/protocol/internal";
import { assertEvent, type EventData, type SendFlags, takeAck } from "./arguments.ts";
import { uncompressed } from "./compress.ts";
import type { Connection } from "./connection.ts";
import type { Encoded } from "./member.ts";
import type { SessionOwner, SessionStore, SocketSession } from "./recovery-store.ts";
import { Asked } from "./resumption-asked.ts";
import type { ResumptionOwner } from "./resumption-home.ts";
import type { Resumption } from "./resumption.ts";
import type { Runtime } from "./runtime.ts";

/** What an outbox needs of its socket. */
export interface OutboxOwner extends SessionOwner {
  readonly nsp: {
    readonly name: string;
    /** @internal Only with recovery. */
    readonly _sessions: SessionStore | undefined;
    /** @internal */
    readonly _runtime: Runtime;
    /** @internal */
    _nextAckId(): number;
    /** @internal */
    readonly _fanout: { encode(data: EventData, id?: number): readonly EnginePacket[] };
  };
  /** May become another one. */
  readonly client: Connection;
  readonly connected: boolean;
  /** @internal */
  _closed(reason: CloseReason, details?: unknown): void;
  /** @internal Nothing can be sent any more. */
  readonly _gone: boolean;
  /** @internal */
  _listenerFailed(error: unknown, event: EventName): void;
}

/** Who waits for answers, as adapters know it: `Map`-like. */
export interface AckCallbacks {
  set(id: number, callback: (...answer: unknown[]) => void): void;
  delete(id: number): void;
}

/** Emitted before CONNECT was answered. */
export interface Early {
  readonly data: EventData;
  readonly flags: SendFlags;
  /** Of a socket that agreed. */
  readonly encoded?: Encoded;
}

/** The same, for another one to send, with who waits for the answers. */
export interface Handed {
  readonly early: readonly Early[];
  readonly acks: AckTable | undefined;
}

/** What one socket is sent, and the answers that are waited for. */
export class Outbox implements ResumptionOwner {
  readonly #owner: OutboxOwner;
  /** Of a socket that agreed, once it is connected. */
  resumption: Resumption | undefined;
  /** With recovery, once the socket is connected, also when it is gone. */
  session: SocketSession | undefined;
  /** With recovery, or if it agrees: emitted while it was connecting, and to be sent behind what was missed. */
  #early: Early[] | undefined;
  /** On resumption; then it has one when it is connected. */
  readonly #agrees: boolean;
  /** From the first event on that wants an answer. */
  #acks: AckTable | undefined;
  /** The same, of a socket that agreed. */
  #asked: Asked | undefined;

  constructor(owner: OutboxOwner, agrees: boolean) {
    this.#owner = owner;
    this.#agrees = agrees;
  }

  /** Whether what is sent now can leave now. */
  get writable(): boolean {
    return this.#owner.client.session.writable;
  }

  /**
   * An event; a function as its last argument is called with the answer.
   * @throws RealtimeError `reserved_event`, `unserializable`, `invalid_argument`
   */
  emit(args: readonly [EventName, ...unknown[]], flags: SendFlags): void {
    const { data, ack } = takeAck(args);
    const failed = (failure: unknown): void => this.#owner._listenerFailed(failure, data[0]);
    this.#send(
      data,
      flags,
      ack &&
        ((error, answer) => {
          // Without a time the callback knows no errors: it gets what came, or is never called, as in Socket.IO.
          if (flags.timeoutMs !== undefined) contain(ack, [error, ...answer], failed);
          else if (!error || answer.length > 0) contain(ack, answer, failed);
        }),
    );
  }

  /** An event whose answer is waited for. */
  request(data: readonly [EventName, ...unknown[]], flags: SendFlags): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#send(data, flags, (error, answer) => (error ? reject(error) : resolve(answer[0])));
    });
  }

  sendEncoded({ packets, number, isVolatile, id }: Encoded): void {
    const { resumption } = this;
    if (resumption) {
      if (isVolatile) resumption._sendVolatile(packets);
      else resumption._send(packets);
      if (id !== undefined) (this.#asked ??= new Asked()).add(id, resumption._sent);
      return;
    }
    if (number !== undefined) this.session?.sent(number);
    for (const packet of packets) this.#owner.client.session.sendPacket(packet);
  }

  /** The client has been told that it is connected. */
  begin(session: SocketSession | undefined, missed: readonly EnginePacket[]): void {
    this.session = session;
    this.sendEncoded({ packets: missed });
  }

  /** What was emitted too early leaves. */
  flush({ early, acks }: Handed = this.#takeEarly()): void {
    for (const { data, flags, encoded } of early) {
      // A listener that heard of what was sent before may have disconnected it.
      if (this.#owner._gone) break;
      if (!encoded) this.#send(data, flags, undefined);
      else this.#sendKept(data, encoded, acks && relayed(acks, encoded.id));
    }
    if (this.#owner._gone) acks?.failAll(gone());
  }

  /** Called on the one that stood in for it: nobody answers that one. */
  handOver(): Handed {
    const handed = { ...this.#takeEarly(), acks: this.#acks };
    this.#acks = undefined;
    return handed;
  }

  /** How the event with that id is answered: once, and not after the socket is gone. */
  answerer(id: number): Answer {
    let isAnswered = false;
    const { resumption } = this;
    return (...answer) => {
      if (isAnswered || !(resumption ? resumption._isAlive : this.#owner.connected)) return;
      // Throws what cannot be encoded at the handler, whose failure is then the answer.
      if (resumption) resumption._reply(id, answer);
      else this.#owner.client.send({ type: "ack", namespace: this.#owner.nsp.name, id, data: answer });
      isAnswered = true;
    };
  }

  awaitAck(id: number, settle: SettleAck, timeoutMs?: number): void {
    this.#acks ??= new AckTable(this.#owner.nsp._runtime.clock);
    this.#acks.add(id, this.#agrees ? this.#forgetting(id, settle) : settle, timeoutMs);
  }

  forgetAck(id: number): void {
    this.#acks?.forget(id);
    this.#asked?.remove(id);
  }

  #forgetting(id: number, settle: SettleAck): SettleAck {
    return (error, answer) => {
      this.#asked?.remove(id);
      settle(error, answer);
    };
  }

  askedUpTo(count: number): readonly number[] {
    return this.#asked?.upTo(count) ?? [];
  }

  lostBehind(count: number): void {
    for (const id of this.#asked?.behind(count) ?? []) this.replyLost(id);
  }

  /** The client cannot answer it any more. */
  replyLost(id: number): void {
    const what =
      "the link broke, and the answer cannot be had any more: the client may have handled the event";
    this.#asked?.remove(id);
    this.#acks?.fail(id, new RealtimeError("reply_lost", what));
  }

  get socket(): OutboxOwner {
    return this.#owner;
  }

  get acks(): AckCallbacks {
    return {
      set: (id, callback) =>
        this.awaitAck(id, (error, answer) => {
          if (error && answer.length === 0) return;
          contain(callback, answer, (failure) => this.#owner._listenerFailed(failure, "ack"));
        }),
      delete: (id) => this.forgetAck(id),
    };
  }

  answered(id: number, answer: readonly unknown[]): void {
    this.#acks?.answer(id, answer);
  }

  /** The socket is gone. */
  end(): void {
    this.#acks?.failAll(gone());
  }

  #takeEarly(): Handed {
    const early = this.#early ?? [];
    this.#early = undefined;
    return { early, acks: undefined };
  }

  #send(data: EventData, flags: SendFlags, settle: SettleAck | undefined): void {
    assertEvent(data[0]);
    const { nsp } = this.#owner;
    if (!settle && nsp._sessions && !this.#agrees) return this.#record(nsp._sessions, data, flags);
    // With classic events another socket goes on where this one ended.
    if (this.#owner._gone && (settle || !this.resumption?._isAlive)) return settle?.(gone(), []);
    const id = settle && nsp._nextAckId();
    const isSent = !flags.volatile || this.writable;
    // Encoding first: what cannot be encoded throws, and must not leave an ack behind that nobody will answer.
    if (isSent && this.#agrees) {
      const encoded = this.#encode(data, flags, id);
      if (this.resumption) return this.#sendKept(data, encoded, settle, flags.timeoutMs);
      // Its time runs already, and a refusal ends it.
      if (id !== undefined && settle) this.awaitAck(id, settle, flags.timeoutMs);
      return void (this.#early ??= []).push({ data, flags, encoded });
    }
    if (isSent) this.#owner.client.send({ type: "event", namespace: nsp.name, id, data }, flags.compress);
    if (id !== undefined && settle) this.awaitAck(id, settle, flags.timeoutMs);
    // Last: a listener may disconnect the socket, which ends all acks that are waited for.
    if (isSent) this.#owner._sending(data);
  }

  #encode(data: EventData, { volatile: isVolatile, compress }: SendFlags, id: number | undefined): Encoded {
    const wireName = escapeName(data[0], isVolatile);
    const named: EventData = wireName === data[0] ? data : [wireName, ...data.slice(1)];
    const packets = this.#owner.nsp._fanout.encode(named, id);
    return { packets: compress === false ? packets.map(uncompressed) : packets, id, isVolatile };
  }

  #sendKept(data: EventData, encoded: Encoded, settle: SettleAck | undefined, timeoutMs?: number): void {
    this.sendEncoded(encoded);
    if (encoded.id !== undefined && settle) this.awaitAck(encoded.id, settle, timeoutMs);
    this.#owner._sending(data);
  }

  /** Recovery takes care of it: if the socket is lost, what is emitted waits for the client that comes back. */
  #record(sessions: SessionStore, data: EventData, flags: SendFlags): void {
    if (this.session) sessions.emit(this.session, this.#owner, data, flags);
    else if (!this.#owner._gone) (this.#early ??= []).push({ data, flags });
  }
}

/** Tells of an answer where it is waited for. */
function relayed(acks: AckTable, id = -1): SettleAck {
  return (error, answer) => (error && answer.length === 0 ? acks.fail(id, error) : acks.answer(id, answer));
}

function gone(): RealtimeError {
  return new RealtimeError("disconnected", "socket has been disconnected");
}
