import { type EnginePacket, type EventName, RealtimeError } from "@bowline/protocol";
import { type Answer, AckTable, contain, type SettleAck } from "@bowline/protocol/internal";
import { assertEvent, type EventData, type SendFlags, takeAck } from "./arguments.ts";
import type { Connection } from "./connection.ts";
import type { SessionOwner, SessionStore, SocketSession } from "./recovery-store.ts";
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
  };
  readonly connected: boolean;
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

/** What one socket is sent, and the answers that are waited for. */
export class Outbox {
  readonly #owner: OutboxOwner;
  readonly #connection: Connection;
  /** With recovery, once the socket is connected, also when it is gone. */
  session: SocketSession | undefined;
  /** With recovery: emitted while it was connecting, and to be sent behind what was missed. */
  #early: [data: EventData, flags: SendFlags][] | undefined;
  /** From the first event on that wants an answer. */
  #acks: AckTable | undefined;

  constructor(owner: OutboxOwner, connection: Connection) {
    this.#owner = owner;
    this.#connection = connection;
  }

  /** Whether what is sent now can leave now. */
  get writable(): boolean {
    return this.#connection.session.writable;
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

  /** What many get was encoded once; the packets are shared. */
  sendEncoded(packets: readonly EnginePacket[], number?: number): void {
    if (number !== undefined) this.session?.sent(number);
    for (const packet of packets) this.#connection.session.sendPacket(packet);
  }

  /** The client has been told that it is connected. */
  begin(session: SocketSession | undefined, missed: readonly EnginePacket[]): void {
    this.session = session;
    this.sendEncoded(missed);
  }

  /** What was emitted too early leaves. */
  flush(): void {
    for (const [data, flags] of this.#early ?? []) this.#send(data, flags, undefined);
    this.#early = undefined;
  }

  /** How the event with that id is answered: once, and not after the socket is gone. */
  answerer(id: number): Answer {
    let isAnswered = false;
    return (...answer) => {
      if (isAnswered || !this.#owner.connected) return;
      // Throws what cannot be encoded at the handler, whose failure is then the answer.
      this.#connection.send({ type: "ack", namespace: this.#owner.nsp.name, id, data: answer });
      isAnswered = true;
    };
  }

  awaitAck(id: number, settle: SettleAck, timeoutMs?: number): void {
    this.#acks ??= new AckTable(this.#owner.nsp._runtime.clock);
    this.#acks.add(id, settle, timeoutMs);
  }

  forgetAck(id: number): void {
    this.#acks?.forget(id);
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

  #send(data: readonly [EventName, ...unknown[]], flags: SendFlags, settle: SettleAck | undefined): void {
    assertEvent(data[0]);
    const { nsp } = this.#owner;
    if (!settle && nsp._sessions) return this.#keep(nsp._sessions, data, flags);
    if (this.#owner._gone) return settle?.(gone(), []);
    const id = settle && nsp._nextAckId();
    const isSent = !flags.volatile || this.writable;
    // Encoding first: what cannot be encoded throws, and must not leave an ack behind that nobody will answer.
    if (isSent) this.#connection.send({ type: "event", namespace: nsp.name, id, data }, flags.compress);
    if (id !== undefined && settle) this.awaitAck(id, settle, flags.timeoutMs);
    // Last: a listener may disconnect the socket, which ends all acks that are waited for.
    if (isSent) this.#owner._sending(data);
  }

  /** Recovery takes care of it: if the socket is lost, what is emitted waits for the client that comes back. */
  #keep(sessions: SessionStore, data: EventData, flags: SendFlags): void {
    if (this.session) sessions.emit(this.session, this.#owner, data, flags);
    else if (!this.#owner._gone) (this.#early ??= []).push([data, flags]);
  }
}

function gone(): RealtimeError {
  return new RealtimeError("disconnected", "socket has been disconnected");
}
