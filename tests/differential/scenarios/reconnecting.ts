import type { Socket as Client } from "socket.io-client";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

const QUICK = { reconnection: true, reconnectionDelay: 5, reconnectionDelayMax: 10 };

/** Manager's and socket's events on one track: their order is promised. */
function watch(world: World, client: Client): void {
  const { io } = client;
  for (const name of ["reconnect_attempt", "reconnect"] as const) {
    io.on(name, (attempt: number) => world.note("client", name, attempt));
  }
  io.on("reconnect_error", (error) => world.note("client", "reconnect_error", error instanceof Error));
  io.on("reconnect_failed", () => world.note("client", "reconnect_failed", client.active));
  client.on("connect", () => world.note("client", "connect", client.active));
  client.on("connect_error", (error) =>
    world.note("client", "connect_error", error instanceof Error, client.active),
  );
  client.on("disconnect", (reason) => world.note("client", "disconnect", reason, client.active));
}

export const reconnecting: readonly Scenario[] = [
  {
    name: "a server that is gone: attempts, errors and at last reconnect_failed",
    async run(w) {
      await w.serve();
      const client = await w.connect("/", { ...QUICK, reconnectionAttempts: 3 });
      watch(w, client);
      await w.stop();
      await w.seen("client", "reconnect_failed");
    },
  },
  {
    name: "a server that never was there: connect_error, then the same",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      await server.close();
      const client = w.keep(
        w.client.io(server.url, { transports: ["websocket"], ...QUICK, reconnectionAttempts: 2 }),
      );
      watch(w, client);
      await w.seen("client", "reconnect_failed");
    },
  },
  {
    name: "a server that restarts: its sockets are new, the client's handlers the same",
    async run(w) {
      const serve = async (port = 0): Promise<void> => {
        const io = await w.serve({}, port);
        io.on("connection", (socket) => {
          w.note("server", "connection");
          socket.emit("hello", socket.recovered);
        });
      };
      await serve();
      const { port } = w;
      const client = w.dial("/", QUICK);
      w.record("client", client, "hello");
      await w.seen("client", "hello");
      await w.stop();
      await serve(port);
      await w.seen("client", "hello", 2);
    },
  },
  {
    name: "disconnect() while it waits to reconnect ends the trying; connect() begins anew",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      const client = w.keep(
        w.client.io(server.url, {
          transports: ["websocket"],
          reconnectionDelay: 5_000,
          reconnectionDelayMax: 5_000,
        }),
      );
      watch(w, client);
      const join = async (): Promise<() => void> => {
        const peer = await server.peer();
        await peer.next();
        peer.send('40{"sid":"made-by-hand-7654321"}');
        return () => peer.terminate();
      };
      const cut = await join();
      await w.seen("client", "connect");
      cut();
      await w.seen("client", "disconnect");
      client.disconnect();
      w.note("client", "given up", client.active, client.connected);
      client.connect();
      w.note("client", "asked", client.active);
      await join();
      await w.seen("client", "connect", 2);
    },
  },
];
