import { Broadcast, type BroadcastSource } from "./broadcast.ts";
import type { Handshake } from "./handshake.ts";

/** A socket as another server tells of it. */
export interface SocketDetails {
  readonly id: string;
  readonly handshake: Handshake;
  readonly rooms: Iterable<string>;
  readonly data: unknown;
}

/** A socket that another server has; `RemoteSocket` is what the application sees of it. */
export class DistantSocket {
  readonly id: string;
  readonly handshake: Handshake;
  readonly rooms: Set<string>;
  /** A copy. */
  readonly data: unknown;
  readonly #itself: Broadcast;

  constructor(source: BroadcastSource, { id, handshake, rooms, data }: SocketDetails) {
    this.id = id;
    this.handshake = handshake;
    this.rooms = new Set(rooms);
    this.data = data;
    this.#itself = new Broadcast(source, { rooms: [id], except: [], single: true });
  }

  emit(event: string, ...args: unknown[]): boolean {
    return this.#itself.emit(event, ...args);
  }

  /** How long its answer may take, in milliseconds. */
  timeout(timeoutMs: number): object {
    return this.#itself.timeout(timeoutMs);
  }

  join(room: string | readonly string[]): void {
    this.#itself.socketsJoin(room);
  }

  leave(room: string): void {
    this.#itself.socketsLeave(room);
  }

  disconnect(close = false): this {
    this.#itself.disconnectSockets(close);
    return this;
  }
}
