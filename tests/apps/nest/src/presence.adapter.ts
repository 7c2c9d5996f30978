import { type INestApplicationContext } from "@nestjs/common";
import { IoAdapter } from "@nestjs/platform-socket.io";
import type { Server, ServerOptions, Socket } from "socket.io";

/** Sockets that give no name are refused; the others carry it in their data. */
export class PresenceAdapter extends IoAdapter {
  constructor(app: INestApplicationContext) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const server: Server = super.createIOServer(port, {
      ...options,
      pingInterval: 10_000,
      cors: { origin: "https://pages.example", credentials: true },
    } as ServerOptions);
    server.use((socket: Socket, next) => {
      const { name } = socket.handshake.auth;
      if (typeof name !== "string") return next(new Error("who are you?"));
      socket.data.name = name;
      next();
    });
    return server;
  }
}
