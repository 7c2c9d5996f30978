import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import type { Dial, Serve } from "./cell.ts";

/** socket.io 4.8.4 on node:http. */
export const serveStock: Serve = async (options, port) => {
  const http = createServer();
  // It writes its defaults into what it is given.
  const server = new Server(http, { ...options });
  http.listen(port, "127.0.0.1");
  await once(http, "listening");
  return {
    io: server,
    port: (http.address() as AddressInfo).port,
    async close() {
      if (!http.listening) return;
      // Node waits for connections that fall idle after this, and clients keep them for seconds.
      const sweep = setInterval(() => http.closeIdleConnections(), 5);
      await server.close().finally(() => clearInterval(sweep));
    },
  };
};

/** socket.io-client 4.8.4. */
export const dialStock: Dial = (url, options) => io(url, options);
