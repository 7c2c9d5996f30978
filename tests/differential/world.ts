import type { Server, ServerOptions } from "socket.io";
import type { ManagerOptions, Socket as Client, SocketOptions } from "socket.io-client";
import { type Answer, type Ask, ask, openRawSocket, type RawSocket } from "../interop/raw-peer.ts";
import { within } from "../interop/wait.ts";
import { PollingSession } from "../interop/wire-scripts.ts";
import { onFreshPort } from "./fresh-port.ts";
import { Journal, type Observations } from "./journal.ts";
import {
  type ClientLibrary,
  type ClientName,
  CLIENTS,
  type Listening,
  listen,
  type ServerLibrary,
  type ServerName,
  SERVERS,
} from "./libraries.ts";
import { type OpenPacket, openScriptedServer, type ScriptedServer } from "./scripted-server.ts";

export type TransportName = "websocket" | "polling";

export interface Combination {
  readonly server: ServerName;
  readonly client: ClientName;
  /** Of clients that name none. */
  readonly transport: TransportName;
}

export type ClientOptions = Partial<ManagerOptions & SocketOptions>;

/** Anything with `on` and any arguments in its listeners. */
interface Source {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

export const POLLING = "/socket.io/?EIO=4&transport=polling";
export const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";

/** All that a scenario may touch. It cannot tell which library it is given. */
export class World {
  readonly server: ServerLibrary;
  readonly client: ClientLibrary;
  /** What ours reported: scenarios make much fail on purpose, so it is shown only where one breaks off. */
  readonly errors: unknown[] = [];
  readonly #combination: Combination;
  readonly #journal = new Journal();
  readonly #clients: Client[] = [];
  readonly #closers: (() => unknown)[] = [];
  readonly #places = new Map<number, string>();
  #listening: Listening | undefined;
  #fences = 0;

  constructor(combination: Combination) {
    this.#combination = combination;
    this.server = SERVERS[combination.server];
    this.client = CLIENTS[combination.client];
  }

  // What it sees.

  note(track: string, kind: string, ...values: readonly unknown[]): void {
    this.#journal.note(track, kind, ...values);
  }

  /** Notes these events as they come, with their arguments. */
  record(track: string, source: unknown, ...events: readonly string[]): void {
    for (const event of events) (source as Source).on(event, (...args) => this.note(track, event, ...args));
  }

  /** What the call returns or throws. */
  tried(track: string, kind: string, call: () => unknown): void {
    let outcome: readonly unknown[];
    try {
      outcome = ["gives", call()];
    } catch (error) {
      outcome = ["throws", error];
    }
    this.note(track, kind, ...outcome);
  }

  /** What the promise comes to. */
  async settled(track: string, kind: string, promise: Promise<unknown>): Promise<void> {
    await within(promise, () => `${kind} did not settle`).then(
      (value) => this.note(track, kind, "resolves", value),
      (error: unknown) => this.note(track, kind, "rejects", error),
    );
  }

  seen(track: string, kind: string, count = 1): Promise<void> {
    return this.#journal.seen(track, kind, count);
  }

  // What it does.

  /** A server of its own, which listens. */
  async serve(options: Partial<ServerOptions> = {}, port = 0): Promise<Server> {
    const onError = (error: unknown): void => void this.errors.push(error);
    this.#listening = await listen(this.#combination.server, { ...options }, port, onError);
    this.#places.set(this.#listening.port, "PORT");
    this.#closers.push(this.#listening.close);
    return this.#listening.io;
  }

  get port(): number {
    if (!this.#listening) throw new Error("serve() first");
    return this.#listening.port;
  }

  get http(): NonNullable<Listening["http"]> {
    if (!this.#listening?.http) throw new Error("this scenario is for node only");
    return this.#listening.http;
  }

  /** The end of the server that `serve` made. */
  async stop(): Promise<void> {
    await this.#listening?.close();
  }

  /** A client on its way to the server, over the transport of the combination and without a second try unless it says otherwise. */
  dial(path = "/", options: ClientOptions = {}): Client {
    return this.keep(
      this.client.io(`http://127.0.0.1:${this.port}${path}`, {
        transports: [this.#combination.transport],
        reconnection: false,
        ...options,
      }),
    );
  }

  /** One that has arrived. */
  async connect(path = "/", options: ClientOptions = {}): Promise<Client> {
    const client = this.dial(path, options);
    await this.arrived(client);
    return client;
  }

  async arrived(client: Client): Promise<void> {
    const arrived = new Promise<void>((resolve, reject) => {
      client.once("connect", resolve);
      client.once("connect_error", reject);
    });
    await within(arrived, () => "the client did not connect");
  }

  /** Is disconnected at the end. */
  keep<Kept extends Client>(client: Kept): Kept {
    this.#clients.push(client);
    return client;
  }

  atEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Returns when all that either end of it sent before has arrived; `answer` it on the server's side. */
  async fence(client: Client): Promise<void> {
    const event = `fence ${(this.#fences += 1)}`;
    await within(client.emitWithAck("fence", event), () => `${event} was not answered`);
  }

  /** Answers fences. */
  fences(socket: unknown): void {
    (socket as Source).on("fence", (event, answer) => (answer as (value: unknown) => void)(event));
  }

  ask(path: string, options: Ask = {}): Promise<Answer> {
    return ask(this.port, path, options);
  }

  /** A WebSocket made by hand. */
  async ws(query = "", frames: readonly string[] = []): Promise<RawSocket> {
    const socket = await openRawSocket(`ws://127.0.0.1:${this.port}${WEBSOCKET}${query}`);
    this.#closers.push(() => socket.terminate());
    socket.closed.catch(() => undefined);
    for (const frame of frames) socket.send(frame);
    return socket;
  }

  /** The same when it has joined the main namespace. */
  async joined(packet = "40"): Promise<RawSocket> {
    const socket = await this.ws("", [packet]);
    await socket.next();
    await socket.next();
    return socket;
  }

  /** A session over polling made by hand. */
  polling(): Promise<PollingSession> {
    return PollingSession.open(this.port);
  }

  /** A server made by hand, which says what the scenario tells it to. */
  async scriptedServer(open?: OpenPacket): Promise<ScriptedServer> {
    const server = await onFreshPort(() => openScriptedServer(open));
    this.#places.set(server.port, "PORT");
    this.#closers.push(() => server.close());
    return server;
  }

  observations(): Observations {
    return this.#journal.observations(this.#places);
  }

  text(): string {
    return this.#journal.text();
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    for (const close of this.#closers.toReversed()) await close();
  }
}

/** What of an answer can be compared: not the date, nor what the HTTP server says of itself. */
export function shown({ status, headers, body }: Answer, ...names: readonly string[]): unknown[] {
  const kept = ["content-type", ...names].filter((name) => headers[name] !== undefined);
  return [status, Object.fromEntries(kept.map((name) => [name, headers[name]])), body];
}
