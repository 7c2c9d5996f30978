import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Server } from "@bowline/server";
import { nodeHost } from "@bowline/server/node";
import { uwsHost } from "@bowline/server/uws";
import { listenUws, uwsMissing } from "../uws-app.ts";

export type HostName = "node" | "uws";

/** Those that are there, the other one said aloud. */
export const HOSTS: readonly HostName[] = uwsMissing ? ["node"] : ["node", "uws"];
if (uwsMissing) console.log(`!! NOT RUN: what both hosts do, on uws: ${uwsMissing}`);

export interface Listening {
  readonly port: number;
  /** The server, and what it is attached to: then the port is free. */
  close(): Promise<unknown>;
}

export async function listen(host: HostName, io: Server, port = 0): Promise<Listening> {
  if (host === "uws") {
    const app = await listenUws((native) => io.attach(uwsHost(native)), port);
    return { port: app.port, close: () => io.close().finally(() => app.close()) };
  }
  const server = http.createServer();
  io.attach(nodeHost(server));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => io.close() };
}

/** The port. Who closes the server closes all of it. */
export async function listenOn(host: HostName, io: Server): Promise<number> {
  return (await listen(host, io)).port;
}
