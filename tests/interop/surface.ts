/**
 * The part of Socket.IO's API that the rows use, as structural types: the stock classes and ours are assigned to them
 * without a cast, so a method that is missing or has another shape does not compile.
 */

/** Takes listeners of any parameters, because what arrives is judged by the row. */
export type Handler = { bivariant(...args: readonly unknown[]): unknown }["bivariant"];

export interface Emitter {
  on(event: string, listener: Handler): unknown;
  off(event: string, listener: Handler): unknown;
}

/** `next()` lets pass, `next(error)` refuses. */
export type Next = (error?: Error & { data?: unknown }) => void;
export type Middleware = (socket: ServerSocket, next: Next) => void;

/** What `timeout(ms)` of a socket gives. */
export interface Asking {
  emit(event: string, ...args: unknown[]): unknown;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
}

export interface Broadcast {
  to(room: string | string[]): Broadcast;
  in(room: string | string[]): Broadcast;
  except(room: string | string[]): Broadcast;
  timeout(ms: number): Asking;
  readonly volatile: Pick<Broadcast, "emit" | "to">;
  emit(event: string, ...args: unknown[]): boolean;
  fetchSockets(): Promise<readonly { readonly id: string; readonly data: unknown }[]>;
  socketsJoin(rooms: string | string[]): void;
  socketsLeave(rooms: string | string[]): void;
  disconnectSockets(close?: boolean): void;
}

/** A namespace, and the server, which stands for the main one. */
export interface Namespace extends Broadcast, Emitter {
  use(middleware: Middleware): unknown;
}

export interface NamedNamespace extends Namespace {
  readonly name: string;
  readonly sockets: ReadonlyMap<string, ServerSocket>;
}

export interface Server extends Namespace {
  of(name: string): NamedNamespace;
  close(): Promise<void> | void;
}

export interface HandshakeFields {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly auth: Readonly<Record<string, unknown>>;
  readonly address: string;
  readonly url: string;
  readonly time: string;
  readonly issued: number;
  readonly secure: boolean;
  readonly xdomain: boolean;
}

export interface ServerSocket extends Emitter {
  readonly id: string;
  readonly connected: boolean;
  readonly disconnected: boolean;
  readonly handshake: HandshakeFields;
  readonly rooms: ReadonlySet<string>;
  readonly nsp: { readonly name: string };
  readonly broadcast: Broadcast;
  readonly volatile: Pick<ServerSocket, "emit">;
  data: unknown;
  emit(event: string, ...args: unknown[]): boolean;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
  timeout(ms: number): Asking;
  send(...args: unknown[]): unknown;
  join(rooms: string | string[]): Promise<void> | void;
  leave(room: string): Promise<void> | void;
  to(room: string | string[]): Broadcast;
  in(room: string | string[]): Broadcast;
  except(room: string | string[]): Broadcast;
  disconnect(close?: boolean): unknown;
  use(middleware: (event: unknown[], next: (error?: Error) => void) => void): unknown;
  onAny(listener: Handler): unknown;
  onAnyOutgoing(listener: Handler): unknown;
}

export interface Client extends Emitter {
  readonly id: string | undefined;
  readonly connected: boolean;
  readonly disconnected: boolean;
  readonly active: boolean;
  readonly io: ClientManager;
  readonly volatile: Pick<Client, "emit">;
  auth: unknown;
  readonly sendBuffer: readonly { readonly data?: unknown }[];
  listeners(event: string): unknown[];
  hasListeners(event: string): boolean;
  once(event: string, listener: Handler): unknown;
  removeListener(event: string, listener: Handler): unknown;
  removeAllListeners(event?: string): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
  timeout(ms: number): Asking;
  send(...args: unknown[]): unknown;
  onAny(listener: Handler): unknown;
  onAnyOutgoing(listener: Handler): unknown;
  connect(): unknown;
  disconnect(): unknown;
}

export type AuthPayload = Record<string, unknown>;

export interface ClientEngine {
  readonly readyState: string;
  readonly transport: { readonly name: string };
  on(event: "packet" | "packetCreate", listener: (packet: EnginePacket) => void): unknown;
  once(event: "drain", listener: () => void): unknown;
  once(event: "close", listener: (reason: string) => void): unknown;
  close(): unknown;
}

interface EnginePacket {
  readonly type: string;
  readonly data?: unknown;
}

export interface ClientManager {
  on(event: string, listener: Handler): unknown;
  off(event?: string, listener?: Handler): unknown;
  readonly engine: ClientEngine;
  readonly opts: { query?: unknown };
  reconnection(): boolean | undefined;
  reconnection(value: boolean): unknown;
  reconnectionDelay(): number | undefined;
  reconnectionDelay(value: number): unknown;
  timeout(): number | boolean | undefined;
  timeout(value: number): unknown;
  socket(namespace: string, options?: ClientOptions): Client;
}

/** The options that rows pass to `io()`; the names are those of both libraries. */
export interface ClientOptions {
  transports?: ("polling" | "websocket" | "sse")[];
  forceNew?: boolean;
  autoConnect?: boolean;
  reconnection?: boolean;
  reconnectionAttempts?: number;
  reconnectionDelay?: number;
  reconnectionDelayMax?: number;
  randomizationFactor?: number;
  timeout?: number;
  ackTimeout?: number;
  retries?: number;
  path?: string;
  query?: Record<string, string>;
  extraHeaders?: Record<string, string>;
  auth?: AuthPayload | ((answer: (payload: object) => void) => void);
}

/** The options that rows pass to `new Server()`. */
export interface ServerOptions {
  path?: string;
  pingInterval?: number;
  pingTimeout?: number;
  upgradeTimeout?: number;
  maxHttpBufferSize?: number;
  connectTimeout?: number;
  allowUpgrades?: boolean;
  /** Ours, of which a stock server takes no notice: where a lost link shall be what it is with Socket.IO. */
  resumption?: false;
  cors?: { origin?: string | string[]; credentials?: boolean; methods?: string[] };
}
