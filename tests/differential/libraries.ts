import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as bowlineClient from "@bowline/client";
import * as bowlineServer from "@bowline/server";
import * as stockServer from "socket.io";
import type { Server, ServerOptions } from "socket.io";
import * as stockClient from "socket.io-client";
import { listenUws } from "../uws-app.ts";
import { onFreshPort } from "./fresh-port.ts";

export type ServerName = "stock" | "node" | "uws";
export type ClientName = "stock" | "bowline";

/** A server that listens, and how to be rid of it. */
export interface Listening {
  readonly io: Server;
  readonly port: number;
  /** None on uWebSockets.js. */
  readonly http?: HttpServer;
  close(): Promise<void>;
}

/** What an application gets by `import` from "socket.io", whichever it is. */
export type ServerLibrary = Pick<typeof stockServer, "Server" | "Namespace" | "Socket">;
/** And from "socket.io-client". */
export type ClientLibrary = Pick<typeof stockClient, "io" | "Manager" | "Socket" | "protocol">;

// Scenarios are written for Socket.IO; what ours lack at run time, the observations show.
export const SERVERS: Readonly<Record<ServerName, ServerLibrary>> = {
  stock: stockServer,
  node: bowlineServer as unknown as ServerLibrary,
  uws: bowlineServer as unknown as ServerLibrary,
};
export const CLIENTS: Readonly<Record<ClientName, ClientLibrary>> = {
  stock: stockClient,
  bowline: bowlineClient as unknown as ClientLibrary,
};

/** On a port of its own, or again on one that it had. */
export function listen(
  name: ServerName,
  given: Partial<ServerOptions>,
  port: number,
  onError: (error: unknown) => void,
): Promise<Listening> {
  // What Socket.IO has no counterpart of would be a difference in every scenario that loses its link.
  const options = name === "stock" ? given : { onError, resumption: false, ...given };
  const open = (): Promise<Listening> =>
    name === "uws" ? listenOnUws(options, port) : listenOnNode(SERVERS[name], options, port);
  return port === 0 ? onFreshPort(open) : open();
}

async function listenOnNode(
  { Server }: ServerLibrary,
  options: Partial<ServerOptions>,
  wanted: number,
): Promise<Listening> {
  const http = createServer();
  const io = new Server(http, options);
  http.listen(wanted, "127.0.0.1");
  await once(http, "listening");
  return {
    io,
    http,
    port: (http.address() as AddressInfo).port,
    async close() {
      const closed = http.listening ? once(http, "close") : undefined;
      // A scenario may have closed it itself, which stock answers with an error.
      void io.close().catch(() => undefined);
      http.closeAllConnections();
      await closed;
    },
  };
}

async function listenOnUws(options: Partial<ServerOptions>, wanted: number): Promise<Listening> {
  const server = new bowlineServer.Server(options as object);
  const { port, close } = await listenUws((app) => server.attachApp(app), wanted);
  return {
    io: server as unknown as Server,
    port,
    async close() {
      await server.close();
      close();
    },
  };
}
