import type { Codec, EnginePacket, Packet } from "@bowline/protocol";
import type { ResumptionRequest } from "@bowline/protocol/internal";
import type { ResumptionPool } from "./resumption-pool.ts";
import { Resumption, type ResumptionHome, type ResumptionOwner } from "./resumption.ts";

/** What the resumptions of one namespace need of it. */
export interface ResumptionsNamespace {
  readonly name: string;
  readonly codec: Codec;
  readonly pool: ResumptionPool;
  /** Nobody can come back any more. */
  emptied(): void;
}

/** The sockets of one namespace that agreed on resumption, by the keys of their clients. */
export class Resumptions implements ResumptionHome {
  readonly pool: ResumptionPool;
  readonly namespace: string;
  readonly #nsp: ResumptionsNamespace;
  readonly #byKey = new Map<string, Resumption>();

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

  open(request: ResumptionRequest, owner: ResumptionOwner): Resumption {
    const resumption = new Resumption(this, request.k, owner);
    this.#byKey.set(request.k, resumption);
    return resumption;
  }

  /** Called by the resumption, when it ended. */
  forget(key: string): void {
    if (this.#byKey.delete(key) && this.#byKey.size === 0) this.#nsp.emptied();
  }

  /** Everybody who has an agreed socket here is sent away, and may come back to a plain one. */
  stop(): void {
    for (const resumption of [...this.#byKey.values()]) resumption._stop();
  }

  /** @throws RealtimeError `unserializable` */
  encode(packet: Packet): EnginePacket[] {
    return this.#nsp.codec.encode(packet).map((frame) => ({ type: "message", data: frame }));
  }
}
