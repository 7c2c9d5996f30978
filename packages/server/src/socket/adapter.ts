import type { Untyped } from "@bowline/protocol";

/** Whom an adapter is to reach, as Socket.IO's adapters know it. */
export interface AdapterOptions {
  /** Their union; none means the whole namespace. */
  readonly rooms: Set<string>;
  readonly except?: Set<string>;
  readonly flags?: AdapterFlags;
}

export interface AdapterFlags {
  volatile?: boolean;
  compress?: boolean;
  local?: boolean;
  timeout?: number;
  expectSingleResponse?: boolean;
}

/**
 * What `nsp.adapter` gives: with the option `adapter` what that made, else a view of our own rooms. An adapter made for
 * Socket.IO (a class that extends `socket.io-adapter`'s) is one.
 */
export interface Adapter {
  /** Who is in which room, by the ids. */
  readonly rooms: Map<string, Set<string>>;
  /** Which rooms a socket is in. */
  readonly sids: Map<string, Set<string>>;
  init(): Untyped;
  close(): Untyped;
  /** How many servers there are, this one included. */
  serverCount(): Promise<number>;
  addAll(id: string, rooms: Set<string>): Promise<void> | void;
  del(id: string, room: string): Promise<void> | void;
  delAll(id: string): void;
  broadcast(packet: Untyped, options: AdapterOptions): Untyped;
  broadcastWithAck(
    packet: Untyped,
    options: AdapterOptions,
    ...callbacks: [clientCount: (count: number) => void, ack: (...answer: Untyped[]) => void]
  ): Untyped;
  sockets(rooms: Set<string>): Promise<Set<string>>;
  socketRooms(id: string): Set<string> | undefined;
  fetchSockets(options: AdapterOptions): Promise<Untyped[]>;
  addSockets(options: AdapterOptions, rooms: string[]): Untyped;
  delSockets(options: AdapterOptions, rooms: string[]): Untyped;
  disconnectSockets(options: AdapterOptions, close: boolean): Untyped;
  serverSideEmit(packet: Untyped[]): Untyped;
  persistSession(session: Untyped): Untyped;
  restoreSession(pid: string, offset: string): Untyped;
  /** `create-room`, `join-room`, `leave-room`, `delete-room`. */
  on(event: string, listener: (...args: Untyped[]) => void): Untyped;
  once(event: string, listener: (...args: Untyped[]) => void): Untyped;
  off(event: string, listener: (...args: Untyped[]) => void): Untyped;
}

/** A class, or a function as `createAdapter()` of Socket.IO's packages gives it. */
export type AdapterFactory = (new (namespace: Untyped) => Adapter) | ((namespace: Untyped) => Adapter);

export function makeAdapter(factory: AdapterFactory, namespace: object): Adapter {
  // Arrow functions have no prototype and cannot be constructed; whatever else there is, Socket.IO constructs.
  if (factory.prototype === undefined) return (factory as (namespace: Untyped) => Adapter)(namespace);
  return new (factory as new (namespace: Untyped) => Adapter)(namespace);
}
