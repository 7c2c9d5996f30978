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

/** The port. Who closes the server closes all of it. */
export async function listenOn(host: HostName, io: Server): Promise<number> {
  if (host === "uws") return (await listenUws((app) => io.attach(uwsHost(app)))).port;
  const server = http.createServer();
  io.attach(nodeHost(server));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
