import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server as Bowline } from "@bowline/server";
import { Server as Stock } from "socket.io";
import { listenUws } from "../uws-app.ts";
import type { Server, ServerOptions, ServerSocket } from "./surface.ts";

export type WireHost = "stock" | "node" | "uws";

export interface WireServer {
  readonly port: number;
  readonly io: Server;
  /** What ours reported: scripts make much fail on purpose, so it is shown only where one fails. */
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

/** What both servers do with what the scripts send. */
function answer(io: Server): void {
  io.on("connection", (socket: ServerSocket) => {
    socket.on("echo", (...args) => socket.emit("echoed", ...args));
    socket.on("ask", (value: unknown, reply: (...values: unknown[]) => void) => reply(value, "é"));
    socket.on("question", () => socket.emit("answer me", () => undefined));
    socket.on("both", () => {
      void socket.join("room");
      io.to("room").emit("to room", { a: [1] });
      io.emit("to all", Buffer.from([1, 2, 3]), "text");
    });
    socket.on("leave", () => socket.disconnect());
    socket.on("end", () => socket.disconnect(true));
  });
  io.of("/refused").use((_, next) => next(Object.assign(new Error("not you"), { data: { code: 7 } })));
  io.of("/plain").use((_, next) => next(new Error("no")));
  io.of("/open");
}

export async function startWire(host: WireHost, options: ServerOptions): Promise<WireServer> {
  const errors: unknown[] = [];
  const ours = { ...options, onError: (error: unknown) => errors.push(error) };
  if (host === "uws") {
    const uws = new Bowline(ours);
    const app = await listenUws((native) => uws.attachApp(native));
    return started({ io: uws, port: app.port, errors }, app.close);
  }
  const http = createServer();
  const io: Server = host === "stock" ? new Stock(http, { ...options }) : new Bowline(http, ours);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  return started({ io, port, errors }, () => http.closeAllConnections());
}

function started(server: Omit<WireServer, "close">, cut: () => void): WireServer {
  answer(server.io);
  return {
    ...server,
    async close() {
      const closed = server.io.close();
      cut();
      await closed;
    },
  };
}
