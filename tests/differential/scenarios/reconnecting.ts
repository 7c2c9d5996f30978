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
    name: "the connection is lost and comes back: the events in order, the buffered ones, a new id, auth again",
    async run(w) {
      const io = await w.serve();
      let auths = 0;
      io.on("connection", (socket) => {
        w.note("server", "connection", socket.handshake.auth);
        w.record("server", socket, "while away", "after");
        if (auths === 1) socket.conn.close();
      });
      const client = w.dial("/", { ...QUICK, auth: (answer) => answer({ auths: (auths += 1) }) });
      watch(w, client);
      let first = "";
      client.once("connect", () => (first = client.id ?? ""));
      client.on("disconnect", () => {
        client.emit("while away", 1);
        client.volatile.emit("while away", "dropped");
        client.emit("while away", 2);
      });
      await w.seen("client", "reconnect");
      await w.seen("client", "connect", 2);
      client.emit("after", client.id === first);
      await w.seen("server", "after");
    },
  },
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
  {
    name: "reconnection switched off on the manager: no attempt after a loss",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      const client = w.keep(w.client.io(server.url, { transports: ["websocket"], ...QUICK }));
      watch(w, client);
      const peer = await server.peer();
      await peer.next();
      peer.send('40{"sid":"made-by-hand-7654321"}');
      await w.seen("client", "connect");
      client.io.reconnection(false);
      peer.terminate();
      await w.seen("client", "disconnect");
      w.note("client", "after", client.active, client.connected);
    },
  },
  {
    name: "two namespaces reconnect together, one that left does not",
    async run(w) {
      const io = await w.serve();
      io.of("/a");
      io.of("/b");
      const main = await w.connect("/", QUICK);
      const a = w.keep(main.io.socket("/a"));
      const b = w.keep(main.io.socket("/b"));
      await Promise.all([w.arrived(a), w.arrived(b)]);
      b.disconnect();
      for (const [track, client] of [
        ["main", main],
        ["a", a],
        ["b", b],
      ] as const) {
        w.record(track, client, "connect");
      }
      const [socket] = [...io.sockets.sockets.values()];
      socket?.conn.close();
      await w.seen("main", "connect");
      await w.seen("a", "connect");
      w.note("b", "state", b.connected, b.active);
    },
  },
  {
    name: "a refusal while reconnecting: connect_error, no more attempts",
    async run(w) {
      const io = await w.serve();
      let arrivals = 0;
      io.use((_, next) => next((arrivals += 1) === 1 ? undefined : new Error("only once")));
      const client = w.dial("/", QUICK);
      watch(w, client);
      await w.seen("client", "connect");
      [...io.sockets.sockets.values()][0]?.conn.close();
      await w.seen("client", "connect_error");
      await w.seen("client", "reconnect");
    },
  },
];
