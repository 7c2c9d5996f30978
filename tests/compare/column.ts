import http from "node:http";
import type { AddressInfo } from "node:net";
import { io as ourClient } from "@bowline/client";
import { Server as OurServer } from "@bowline/server";
import { nodeHost } from "@bowline/server/node";
import { uwsHost } from "@bowline/server/uws";
import { Server as StockServer, type ServerOptions, type Socket } from "socket.io";
import {
  io as stockClient,
  type ManagerOptions,
  type Socket as Client,
  type SocketOptions,
} from "socket.io-client";
import { FaultProxy } from "../faults/proxy.ts";
import { listenUws, uwsMissing } from "../uws-app.ts";

export type { Socket } from "socket.io";
export type { Socket as Client } from "socket.io-client";
export type ClientOptions = Partial<ManagerOptions & SocketOptions>;

/** `stock` is Socket.IO at both ends, `mixed` its client on our server, `ours` is ours at both. */
export type Kind = "stock" | "mixed" | "ours";

/** Who is compared. */
export interface Column {
  readonly name: string;
  readonly kind: Kind;
  /** A server with a proxy before it. All members are of the types of Socket.IO, which ours can be written with. */
  open(options?: Partial<ServerOptions>): Promise<Bench>;
}

/** A server, a proxy before it, and clients that go through it. */
export class Bench {
  readonly kind: Kind;
  readonly io: StockServer;
  readonly proxy: FaultProxy;
  /** What the server told of failures; Socket.IO tells of none. */
  readonly errors: unknown[];
  readonly #clients: Client[] = [];

  constructor(parts: Pick<Bench, "kind" | "io" | "proxy" | "errors">) {
    this.kind = parts.kind;
    this.io = parts.io;
    this.proxy = parts.proxy;
    this.errors = parts.errors;
  }

  client(options: ClientOptions = {}): Client {
    const connect = this.kind === "ours" ? (ourClient as unknown as typeof stockClient) : stockClient;
    const client = connect(this.proxy.url, { forceNew: true, ...options });
    this.#clients.push(client);
    return client;
  }

  /** A client and the server's socket for it, when both know of each other. */
  async enter(options?: ClientOptions): Promise<{ client: Client; socket: Socket }> {
    const entered = next(this.io, "connection");
    const client = this.client(options);
    await next(client, "connect");
    const [socket] = (await entered) as [Socket];
    return { client, socket };
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.proxy.close();
    await this.io.close();
  }
}

/** The arguments of the next event of that name. */
export function next(emitter: object, event: string): Promise<unknown[]> {
  const { once } = emitter as { once(event: string, listener: (...args: unknown[]) => void): unknown };
  return new Promise((resolve) => once.call(emitter, event, (...args: unknown[]) => resolve(args)));
}

/** The options that have Socket.IO's recovery; between ours there is nothing to switch on. */
export function withRecovery(kind: Kind): Partial<ServerOptions> {
  return kind === "ours" ? {} : { connectionStateRecovery: {} };
}

async function onNode(attach: (server: http.Server) => StockServer): Promise<[StockServer, number]> {
  const server = http.createServer();
  const io = attach(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return [io, (server.address() as AddressInfo).port];
}

async function openStock(options?: Partial<ServerOptions>): Promise<Bench> {
  const [io, port] = await onNode((server) => new StockServer(server, options));
  return new Bench({ kind: "stock", io, proxy: await FaultProxy.to(port), errors: [] });
}

function ours(kind: Exclude<Kind, "stock">, host: "node" | "uws"): Column {
  const client = kind === "ours" ? "our client" : "stock client";
  const open = async (options: Partial<ServerOptions> = {}): Promise<Bench> => {
    const errors: unknown[] = [];
    const io = new OurServer({ ...(options as object), onError: (error) => void errors.push(error) });
    const asStock = io as unknown as StockServer;
    const port =
      host === "uws"
        ? (await listenUws((app) => io.attach(uwsHost(app)))).port
        : (await onNode((server) => (io.attach(nodeHost(server)), asStock)))[1];
    return new Bench({ kind, io: asStock, proxy: await FaultProxy.to(port), errors });
  };
  return { name: `${client} on Bowline, ${host}`, kind, open };
}

const HOSTS = uwsMissing ? (["node"] as const) : (["node", "uws"] as const);

/** Why there are fewer. */
export const missing: string | undefined = uwsMissing;

export const COLUMNS: readonly Column[] = [
  { name: "Socket.IO 4.8.4", kind: "stock", open: openStock },
  ...HOSTS.map((host) => ours("mixed", host)),
  ...HOSTS.map((host) => ours("ours", host)),
];
