import type { CloseReason, EnginePacket } from "@bowline/protocol";
import type { Adapter } from "./adapter.ts";
import type { EventData, SendFlags } from "./arguments.ts";
import type { BroadcastSource } from "./broadcast.ts";
import { callAdapter, watchAdapter } from "./delivery-adapter.ts";
import {
  isRestorable,
  type Resumed,
  type SessionClaim,
  type SessionOwner,
  type SessionStore,
  type SocketSession,
} from "./recovery-store.ts";
import type { Runtime } from "./runtime.ts";

/** What it needs of its namespace. */
export interface AdapterSessionsNamespace extends BroadcastSource {
  readonly name: string;
  /** @internal */
  readonly _runtime: Runtime;
  /** @internal */
  readonly _fanout: { encode(data: EventData): readonly EnginePacket[] };
}

/** As Socket.IO's adapters write and read it. */
interface Stored {
  readonly sid: string;
  readonly pid: string;
  readonly rooms: readonly string[];
  readonly data: unknown;
  readonly missedPackets: readonly EventData[];
}

/** Of what a client names: an id, an offset. */
const MAX_LENGTH = 256;

/**
 * Recovery by an adapter that was made for Socket.IO: it keeps what was sent and the sessions of who is away, on all
 * servers, as well as it does (SPEC R12). Ours is that a client that comes back to a server that has not noticed its loss takes
 * its socket over.
 */
export class AdapterSessions implements SessionStore {
  readonly skipsMiddleware: boolean;
  /** The adapter keeps them, also when the namespace is gone. */
  readonly isBusy = false;
  readonly #adapter: Adapter;
  readonly #nsp: AdapterSessionsNamespace;
  readonly #owners = new Map<string, SessionOwner>();

  constructor(adapter: Adapter, nsp: AdapterSessionsNamespace, skipsMiddleware: boolean) {
    this.#adapter = adapter;
    this.#nsp = nsp;
    this.skipsMiddleware = skipsMiddleware;
  }

  find(
    pid: string,
    offset: string | undefined,
    connectionNumber: number,
  ): SessionClaim | Promise<SessionClaim | undefined> | undefined {
    const live = this.#owners.get(pid);
    if (live && live._connectionNumber > connectionNumber) return undefined;
    // No adapter gives longer ones, and some make queries of them.
    if (pid.length > MAX_LENGTH || (offset !== undefined && offset.length > MAX_LENGTH)) return undefined;
    // The adapter would be asked before the middleware, and what is emitted until it has spoken would be lost.
    if (offset === undefined || (live && !this.skipsMiddleware)) return this.#claim(pid, undefined);
    return this.#restore(pid, offset);
  }

  open(owner: SessionOwner): SocketSession {
    const pid = this.#nsp._runtime.createId();
    this.#owners.set(pid, owner);
    return sessionOf(pid);
  }

  emit(_session: SocketSession, owner: SessionOwner, data: EventData, flags: SendFlags): void {
    // To whoever has the socket's id: the adapter keeps it for who is away.
    this.#nsp._delivery.send({ ...flags, rooms: [owner.id], except: [] }, data);
  }

  close({ pid }: SocketSession, owner: SessionOwner, reason: CloseReason): void {
    if (this.#owners.get(pid) !== owner) return;
    this.#owners.delete(pid);
    if (!isRestorable(reason)) return;
    watchAdapter(this.#persist(pid, owner), this.#nsp);
  }

  stop(): void {
    this.#owners.clear();
  }

  async #persist(pid: string, { id: sid, rooms, data }: SessionOwner): Promise<void> {
    await this.#adapter.persistSession({ sid, pid, rooms: [...rooms], data });
  }

  async #restore(pid: string, offset: string): Promise<SessionClaim | undefined> {
    try {
      this.#owners.get(pid)?._takenOver();
      const stored = (await this.#adapter.restoreSession(pid, offset)) as Stored | null | undefined;
      return this.#claim(pid, stored ?? undefined);
    } catch (error) {
      this.#nsp._failed(error, { stage: "adapter", namespace: this.#nsp.name });
      return undefined;
    }
  }

  #claim(pid: string, stored: Stored | undefined): SessionClaim {
    return {
      rest: stored && { id: stored.sid, rooms: new Set(stored.rooms), data: stored.data },
      take: (owner) => this.#take(pid, stored, owner),
    };
  }

  #take(pid: string, stored: Stored | undefined, owner: SessionOwner): Resumed | undefined {
    const live = this.#owners.get(pid);
    if (live) {
      // They have one id, and all its rooms go with the old one.
      const rooms = [...owner.rooms];
      live._takenOver();
      callAdapter(() => owner.join(rooms), this.#nsp);
    }
    const missed = stored && owner._isConnecting ? this.#encode(stored) : undefined;
    if (!missed) return undefined;
    this.#owners.set(pid, owner);
    return { session: sessionOf(pid), missed };
  }

  /** An adapter may keep what could not be sent, and then not everything that was missed is there. */
  #encode({ missedPackets }: Stored): readonly EnginePacket[] | undefined {
    try {
      return missedPackets.flatMap((data) => this.#nsp._fanout.encode(data));
    } catch (error) {
      this.#nsp._failed(error, { stage: "adapter", namespace: this.#nsp.name });
      return undefined;
    }
  }
}

function sessionOf(pid: string): SocketSession {
  // The adapter knows by itself what went to whom.
  return { pid, sent() {}, changed() {} };
}
