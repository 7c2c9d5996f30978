import type { HostName, TransportName } from "./column.ts";
import { type Link, openLink } from "./link.ts";
import { ask } from "./raw-peer.ts";
import type { Client, ClientOptions, Namespace, Server, ServerOptions, ServerSocket } from "./surface.ts";
import { fence, once, until, within } from "./wait.ts";

/** A server that listens, and how to be rid of it. */
export interface Listening {
  readonly io: Server;
  readonly port: number;
  /** What ours reported: rows make much fail on purpose, so it is shown only where a row fails. */
  readonly errors?: readonly unknown[];
  close(): Promise<void>;
}

export type Serve = (options: ServerOptions, port: number) => Promise<Listening>;
export type Dial = (url: string, options: ClientOptions) => Client;

/** The two libraries under test, and the way between them. */
export interface Setup {
  readonly serve: Serve;
  readonly dial: Dial;
  readonly host: HostName;
  readonly transport: TransportName;
}

/** Both ends of one socket. */
export interface Ends {
  readonly client: Client;
  readonly socket: ServerSocket;
}

const TRANSPORT_OPTIONS: Readonly<Record<TransportName, ("polling" | "websocket" | "sse")[]>> = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
  sse: ["sse"],
  "sse upgrade": ["sse", "websocket"],
};

/** Where one row runs: a server of its own, and clients to it. `close` is called when the row is done. */
export class Cell {
  readonly setup: Setup;
  readonly host: HostName;
  readonly transport: TransportName;
  #server: Listening;
  readonly #options: ServerOptions;
  readonly #clients: Client[] = [];
  readonly #links: Link[] = [];

  private constructor(setup: Setup, options: ServerOptions, server: Listening) {
    this.setup = setup;
    this.host = setup.host;
    this.transport = setup.transport;
    this.#options = options;
    this.#server = server;
  }

  static async open(setup: Setup, options: ServerOptions): Promise<Cell> {
    return new Cell(setup, options, await setup.serve(options, 0));
  }

  get io(): Server {
    return this.#server.io;
  }

  get errors(): readonly unknown[] {
    return this.#server.errors ?? [];
  }

  get port(): number {
    return this.#server.port;
  }

  /** What the client ends up on. */
  get settledTransport(): "polling" | "websocket" | "sse" {
    const { transport } = this;
    return transport === "polling" || transport === "sse" ? transport : "websocket";
  }

  /** What the client begins with. */
  get firstTransport(): "polling" | "websocket" | "sse" {
    return TRANSPORT_OPTIONS[this.transport][0] ?? "polling";
  }

  /** A client that is on its way. */
  dial(namespace = "/", options: ClientOptions = {}, port: number = this.port): Client {
    const client = this.setup.dial(`http://127.0.0.1:${port}${namespace}`, {
      transports: TRANSPORT_OPTIONS[this.transport],
      forceNew: true,
      reconnection: false,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** A client that has arrived and, where there is an upgrade, has finished it; with the server's end of it. */
  async connect(namespace = "/", options: ClientOptions = {}, port: number = this.port): Promise<Ends> {
    const ends = await this.connectEarly(namespace, options, port);
    await this.upgraded(ends.client);
    // What came over the new transport shows that the server has finished the upgrade as well.
    if (this.firstTransport !== this.settledTransport) await fence(ends.client, ends.socket);
    return ends;
  }

  /** The same as soon as it is connected: where there is an upgrade, it is under way. */
  async connectEarly(namespace = "/", options: ClientOptions = {}, port: number = this.port): Promise<Ends> {
    const client = this.dial(namespace, options, port);
    await once(client, "connect");
    return { client, socket: this.socketOf(client, namespace) };
  }

  /** Two or more of them, in the order asked for. */
  connectAll(count: number, namespace = "/"): Promise<Ends[]> {
    return Promise.all(Array.from({ length: count }, () => this.connect(namespace)));
  }

  async upgraded(client: Client): Promise<void> {
    await until(() => client.io.engine.transport.name === this.settledTransport, "the client is upgraded");
  }

  socketOf(client: Client, namespace = "/"): ServerSocket {
    const socket = this.io.of(namespace).sockets.get(client.id ?? "");
    if (!socket) throw new Error(`the server has no socket ${client.id} in ${namespace}`);
    return socket;
  }

  /** The next socket that the server reports. */
  async arrival(namespace: Namespace = this.io): Promise<ServerSocket> {
    const arrived = new Promise<ServerSocket>((resolve) => {
      const listener = (socket: ServerSocket): void => {
        namespace.off("connection", listener);
        resolve(socket);
      };
      namespace.on("connection", listener);
    });
    return within(arrived, () => "no connection");
  }

  /** A cable to the server, for rows that break it. */
  async link(): Promise<Link> {
    const link = await openLink(this.port);
    this.#links.push(link);
    return link;
  }

  /**
   * Both ends, over a cable of their own, when nothing is on its way: what happens next finds a poll waiting at the
   * server, where there are polls.
   */
  async connectAtRest(namespace = "/", options: ClientOptions = {}): Promise<Ends & { readonly link: Link }> {
    const link = await this.link();
    const ends = await this.connect(namespace, options, link.port);
    await this.rest(link);
    return { ...ends, link };
  }

  async rest(link: Link): Promise<void> {
    if (this.settledTransport !== "polling") return;
    await until(() => link.pollPending, "the client polls");
    // An answer to what was asked later: the server has seen the poll.
    await ask(this.port, "/socket.io/?EIO=4&transport=polling&sid=nobody");
  }

  /** The server goes away; what it returns brings a new one up on the same port. */
  async shutDown(): Promise<() => Promise<void>> {
    const { port } = this;
    await this.#server.close();
    return async () => {
      this.#server = await this.setup.serve(this.#options, port);
    };
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await Promise.all(this.#links.map((link) => link.close()));
    await within(this.#server.close(), () => "the server did not close");
  }
}
