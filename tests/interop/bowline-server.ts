import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "@bowline/server";
import { listenUws } from "../uws-app.ts";
import type { Serve } from "./cell.ts";

export { uwsMissing } from "../uws-app.ts";

/** Ours on node:http and ws. */
export const serveNode: Serve = async (options, port) => {
  const http = createServer();
  const errors: unknown[] = [];
  const server = new Server(http, { ...options, onError: (error) => errors.push(error) });
  http.listen(port, "127.0.0.1");
  await once(http, "listening");
  return { io: server, port: (http.address() as AddressInfo).port, errors, close: () => server.close() };
};

/** Ours on uWebSockets.js. */
export const serveUws: Serve = async (options, port) => {
  const errors: unknown[] = [];
  const server = new Server({ ...options, onError: (error) => errors.push(error) });
  const app = await listenUws((native) => server.attachApp(native), port);
  return {
    io: server,
    port: app.port,
    errors,
    async close() {
      await server.close();
      app.close();
    },
  };
};
