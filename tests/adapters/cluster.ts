import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AdapterFactory,
  Server as BowlineServer,
  type ServerOptions,
  type Socket,
} from "@bowline/server";
import { Server as StockServer } from "socket.io";
import { io as connect, type Socket as ClientSocket } from "socket.io-client";

/** Which library a server of a cluster is of: they must get on with each other. */
export type Kind = "bowline" | "stock";

// What the two have in common, as their users call it.
export type AnyServer = BowlineServer;
export type AnySocket = Socket;

/** Some servers, one client on each. */
export class Cluster {
  readonly servers: AnyServer[] = [];
  readonly clients: ClientSocket[] = [];
  readonly sockets: AnySocket[] = [];
  readonly errors: unknown[] = [];
  readonly #https: HttpServer[] = [];

  static async open(
    kinds: readonly Kind[],
    adapterFor: (index: number) => AdapterFactory,
    options: ServerOptions = {},
  ): Promise<Cluster> {
    const cluster = new Cluster();
    for (const [index, kind] of kinds.entries()) await cluster.#add(kind, adapterFor(index), options);
    return cluster;
  }

  async #add(kind: Kind, adapter: AdapterFactory, options: ServerOptions): Promise<void> {
    const http = createServer();
    const all = { ...options, adapter };
    const io =
      kind === "bowline"
        ? new BowlineServer(http, { ...all, onError: (error) => this.errors.push(error) })
        : (new StockServer(http, all as object) as unknown as BowlineServer);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    this.servers.push(io);
    this.#https.push(http);
    await this.dial(this.servers.length - 1);
  }

  /** Another client, on the server of that number. */
  async dial(index: number, auth: object = {}): Promise<ClientSocket> {
    const { port } = this.#https[index]!.address() as AddressInfo;
    const connected = new Promise<AnySocket>((resolve) =>
      this.servers[index]?.once("connection", (socket) => resolve(socket)),
    );
    const client = connect(`http://127.0.0.1:${port}`, {
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      auth,
    });
    this.clients.push(client);
    this.sockets.push(await connected);
    if (!client.connected) await once(client as never, "connect");
    return client;
  }

  /** What each client hears from now on, but only of these events. */
  record(...events: string[]): unknown[][] {
    return this.clients.map((client) => {
      const heard: unknown[] = [];
      for (const event of events) client.on(event, (...args) => heard.push([event, ...args]));
      return heard;
    });
  }

  /** Everything that was sent before has arrived: over one connection the order is kept. */
  async settle(): Promise<void> {
    const arrived = this.clients.map((client) => once(client as never, "settled"));
    const all = this.servers[0]?.sockets;
    all?.emit("settled");
    await Promise.all(arrived);
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.disconnect();
    await Promise.all(
      this.servers.map(async (server, index) => {
        const sweep = setInterval(() => this.#https[index]?.closeIdleConnections(), 5);
        await server.close();
        clearInterval(sweep);
      }),
    );
  }
}
