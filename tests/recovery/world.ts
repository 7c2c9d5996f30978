import http from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type ServerOptions, type Socket } from "@bowline/server";
import { nodeHost } from "@bowline/server/node";
import { uwsHost } from "@bowline/server/uws";
import { io as stockClient } from "socket.io-client";
import { expect } from "vitest";
import { FaultProxy } from "../faults/proxy.ts";
import { listenUws } from "../uws-app.ts";

export type HostName = "node" | "uws";
export type TransportName = "websocket" | "polling";
export type Client = ReturnType<typeof stockClient>;

/** What socket.io-client keeps to itself, and hands to the server. */
export function secretsOf(client: Client): { readonly pid: unknown; readonly offset: unknown } {
  const { _pid: pid, _lastOffset: offset } = client as unknown as { _pid: unknown; _lastOffset: unknown };
  return { pid, offset };
}

/** A server with recovery, a proxy before it, and stock clients behind that. */
export class World {
  readonly io: Server;
  readonly proxy: FaultProxy;
  readonly errors: unknown[];
  readonly #transport: TransportName;
  readonly #clients: Client[] = [];

  private constructor(io: Server, proxy: FaultProxy, errors: unknown[], transport: TransportName) {
    this.io = io;
    this.proxy = proxy;
    this.errors = errors;
    this.#transport = transport;
  }

  static async open(host: HostName, transport: TransportName, options: ServerOptions = {}): Promise<World> {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const io = new Server({ connectionStateRecovery: true, onError, ...options });
    const port = host === "uws" ? await onUws(io) : await onNode(io);
    return new World(io, await FaultProxy.to(port), errors, transport);
  }

  /** Tries again at once when the link breaks; not connected yet. */
  client(options: Parameters<typeof stockClient>[1] = {}, namespace = ""): Client {
    const client = stockClient(this.proxy.url + namespace, {
      transports: [this.#transport],
      forceNew: true,
      reconnectionDelay: 10,
      reconnectionDelayMax: 20,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** A client and its socket, when both know of each other. */
  async enter(options?: Parameters<typeof stockClient>[1]): Promise<{ client: Client; socket: Socket }> {
    const connected = new Promise<Socket>((resolve) => this.io.once("connection", resolve));
    const client = this.client(options);
    await next(client, "connect");
    return { client, socket: await connected };
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.proxy.close();
    await this.io.close();
  }
}

/** The arguments of the next event of that name. */
export function next(
  emitter: { once(event: string, listener: (...args: never[]) => void): unknown },
  event: string,
): Promise<unknown[]> {
  return new Promise((resolve) => emitter.once(event, (...args: unknown[]) => resolve(args)));
}

/** Nothing is under way to the client: a poll waits, or the WebSocket is empty. */
export function settled(socket: Socket): Promise<void> {
  return expect.poll(() => socket._writable).toBe(true);
}

/**
 * The client is on another network: nothing that it had under way arrives any more, and the server does not notice. Settles
 * when the client has given the link up; it comes back by itself.
 */
export async function changeNetwork({ proxy }: World, client: Client): Promise<void> {
  const { engine } = client.io;
  proxy.freeze();
  // A polling client says goodbye with a request of its own, which is not to arrive either.
  const goodbye = engine.transport.name === "polling" ? proxy.accepted() : undefined;
  const lost = next(client, "disconnect");
  engine.close();
  await lost;
  await goodbye;
  proxy.thaw();
}

async function onNode(io: Server): Promise<number> {
  const server = http.createServer();
  io.attach(nodeHost(server));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function onUws(io: Server): Promise<number> {
  return (await listenUws((app) => io.attach(uwsHost(app)))).port;
}
