import type { ClientOptions, io as Io, Socket as Client } from "@bowline/client";
import { Server, type ServerOptions, type Socket } from "@bowline/server";
import { afterEach, expect, vi } from "vitest";
import { WebSocket } from "ws";
import { FaultProxy } from "../faults/proxy.ts";
import { type HostName, listen, type Listening } from "./hosts.ts";

/** As a page has it. What is left out of the file, and what its short names break, nothing but running it shows. */
export const page = new EventTarget();
export const reported: unknown[] = [];
vi.stubGlobal("WebSocket", WebSocket);
vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
vi.stubGlobal("document", { hidden: false });

const file = new URL("../../packages/client/dist/bowline.websocket.esm.min.js", import.meta.url);
const { io: connect } = (await import(file.href)) as { io: typeof Io };

export const closing: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0).reverse()) await close();
  expect(reported.splice(0)).toEqual([]);
});

const QUICK = { reconnectionDelay: 10, reconnectionDelayMax: 50 };

export function dial(url: string, options: ClientOptions = {}): Client {
  const client = connect(url, { ...QUICK, ...options });
  closing.push(() => client.disconnect());
  return client;
}

export interface Place {
  readonly io: Server;
  readonly proxy: FaultProxy;
  restart(): Promise<void>;
}

/** A server, and before it something that breaks links. */
export async function serve(host: HostName, options: ServerOptions = {}): Promise<Place> {
  const io = new Server(options);
  let listening: Listening = await listen(host, io);
  const proxy = await FaultProxy.to(listening.port);
  closing.push(
    () => listening.close(),
    () => proxy.close(),
  );
  const restart = async (): Promise<void> => {
    const { port } = listening;
    await listening.close();
    listening = await listen(host, new Server(options), port);
  };
  return { io, proxy, restart };
}

export interface Ends extends Place {
  readonly client: Client;
  readonly socket: Socket;
  /** What the client's application hears of its connection, once it has one. */
  readonly log: string[];
}

export async function ends(host: HostName, server?: ServerOptions, options?: ClientOptions): Promise<Ends> {
  const place = await serve(host, server);
  const entered = new Promise<Socket>((resolve) => place.io.once("connection", resolve));
  const client = dial(place.proxy.url, options);
  const log: string[] = [];
  await heard(client, "connect");
  client.on("connect", () => log.push("connect"));
  client.on("disconnect", (reason) => log.push(`disconnect: ${reason}`));
  client.on("connect_error", ({ code }) => log.push(code));
  client.resumption.on("suspend", (reason) => log.push(`suspend: ${reason}`));
  client.resumption.on("resume", () => log.push("resume"));
  client.resumption.on("lost", ({ reason }) => log.push(`lost: ${reason}`));
  return { ...place, client, socket: await entered, log };
}

/** The first argument that comes with an event. */
export function heard<First>(
  emitter: { once(event: never, listener: (first: First) => void): unknown },
  event: string,
): Promise<First> {
  return new Promise((resolve) => emitter.once(event as never, resolve));
}

/** What its status is called, one after the other. */
export function statuses(client: Client): string[] {
  const shown: string[] = [client.status.value.name];
  client.status.subscribe(({ name }) => name !== shown.at(-1) && shown.push(name));
  return shown;
}
