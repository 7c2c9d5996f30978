import type { CloseReason, EventName } from "@bowline/protocol";
import { Listeners } from "@bowline/protocol/internal";
import { EXTRAS } from "#extras";
import type { TransportName } from "../engine/transport.ts";
import type { ManagerState } from "./manager-state.ts";
import type { SocketLink } from "./socket-link.ts";

/** What a page shows of a socket. */
export interface SocketStatus {
  /**
   * `connecting`: it tries, and has nothing to lose. `online`. `suspended`: it tries, and goes on where it was, unless that
   * takes too long. `offline`: it does not try; nobody called `connect()`, someone disconnected, or it gave up.
   */
  readonly name: "connecting" | "online" | "suspended" | "offline";
  /** Why it is not online, when it was. */
  readonly reason?: CloseReason | undefined;
  /** While online. */
  readonly transport?: TransportName | undefined;
  /** Epoch milliseconds, while it waits to try again. */
  readonly nextAttemptAt?: number | undefined;
  /** Events that the server is not known to have. */
  readonly unconfirmed: number;
}

/** What any of the manager's states may have. */
interface AnyState {
  readonly name: ManagerState["name"];
  readonly transport?: TransportName;
  readonly retryAt?: number;
}

/** What a status has of its socket. */
export interface StatusOwner {
  readonly io: SocketLink;
  readonly active: boolean;
  readonly resumption: { readonly unconfirmed: number };
  /** @internal */
  readonly _isJoined: boolean;
  /** @internal While it goes on where it was. */
  readonly _life: object | undefined;
  /** @internal Why there is no link. */
  readonly _loss: readonly [CloseReason, ...unknown[]] | undefined;
  /** @internal */
  _failed(error: unknown, event: EventName): void;
}

/**
 * Something that changes and can be watched; made for `useSyncExternalStore(status.subscribe, () => status.value)` and its
 * like. What changes in one turn is told once, at its end.
 */
export class Status {
  readonly #owner: StatusOwner;
  readonly #listeners = new Listeners();
  #value: SocketStatus | undefined;
  #isDue = false;

  /** @internal */
  constructor(owner: StatusOwner) {
    this.#owner = owner;
  }

  /** Frozen, and the same object until something is different. */
  get value(): SocketStatus {
    const owner = this.#owner;
    const { name, transport, retryAt } = owner.io.state as AnyState;
    const trying = owner._life ? "suspended" : "connecting";
    const value: SocketStatus = {
      name: owner._isJoined ? "online" : owner.active && name !== "closed" ? trying : "offline",
      reason: owner._loss?.[0],
      transport: owner._isJoined ? transport : undefined,
      nextAttemptAt: owner.active ? retryAt : undefined,
      unconfirmed: owner.resumption.unconfirmed,
    };
    if (JSON.stringify(value) !== JSON.stringify(this.#value))
      this.#value = EXTRAS ? Object.freeze(value) : value;
    return this.#value as SocketStatus;
  }

  /** Calls back after each change; returns how to stop. May be passed on without its object. */
  readonly subscribe = (listener: (value: SocketStatus) => unknown): (() => void) => {
    let told = this.value;
    const hear = (): unknown => told !== this.value && listener((told = this.value));
    this.#listeners.on("", hear);
    return () => this.#listeners.off("", hear);
  };

  /** @internal Something may be different. */
  _changed(): void {
    if (this.#isDue || !this.#listeners.has("")) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#listeners.dispatch("", [], (error) => this.#owner._failed(error, "status"));
    });
  }
}
