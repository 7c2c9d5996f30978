import type { Codec, EnginePacket, EventName, Packet } from "@bowline/protocol";
import type { ErrorContext } from "../errors.ts";
import type { SessionRest } from "./recovery-store.ts";
import { AwaySocket, AwaySockets } from "./resumption-away.ts";
import type { AwayReceiver, ResumptionHome, ResumptionOwner } from "./resumption-home.ts";
import type { ResumptionPool } from "./resumption-pool.ts";
import { Resumption } from "./resumption.ts";

/** What the resumptions of one namespace need of it. */
export interface ResumptionsNamespace {
  readonly name: string;
  readonly codec: Codec;
  readonly pool: ResumptionPool;
  /** Nobody can come back any more. */
  emptied(): void;
  failed(error: unknown, context: ErrorContext): void;
}

/** The sockets of one namespace that agreed on resumption, by the keys of their clients. */
export class Resumptions implements ResumptionHome {
  readonly pool: ResumptionPool;
  readonly namespace: string;
  readonly #nsp: ResumptionsNamespace;
  readonly #byKey = new Map<string, Resumption>();
  /** With classic events. */
  readonly away: AwaySockets = new AwaySockets();

  constructor(nsp: ResumptionsNamespace) {
    this.#nsp = nsp;
    this.pool = nsp.pool;
    this.namespace = nsp.name;
  }

  /** Whether somebody is here or may come back. */
  get isBusy(): boolean {
    return this.#byKey.size > 0;
  }

  find(key: string): Resumption | undefined {
    return this.#byKey.get(key);
  }

  open(key: string, owner: ResumptionOwner): Resumption {
    const resumption = new Resumption(this, key, owner);
    this.#byKey.set(key, resumption);
    return resumption;
  }

  /** Called by the resumption, when it ended. */
  forget(key: string): void {
    if (this.#byKey.delete(key) && this.#byKey.size === 0) this.#nsp.emptied();
  }

  /** Everybody who has an agreed socket here is sent away, and may come back to a plain one. */
  stop(): void {
    for (const resumption of [...this.#byKey.values()]) resumption._end("forced server close");
  }

  enterAway(rest: SessionRest, receiver: AwayReceiver): AwaySocket {
    const away = new AwaySocket(rest, receiver);
    this.away.enter(away);
    return away;
  }

  leaveAway(owner: ResumptionOwner): void {
    if (owner instanceof AwaySocket) this.away.leave(owner);
  }

  failed(error: unknown, event: EventName, socketId: string): void {
    this.#nsp.failed(error, { stage: "handler", event, namespace: this.namespace, socketId });
  }

  /** @throws RealtimeError `unserializable` */
  encode(packet: Packet): EnginePacket[] {
    return this.#nsp.codec.encode(packet).map((frame) => ({ type: "message", data: frame }));
  }
}
