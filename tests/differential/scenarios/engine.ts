import type { Conn } from "../engine-surface.ts";
import type { Scenario } from "../scenario.ts";
import { shown } from "../world.ts";

export const engine: readonly Scenario[] = [
  {
    name: "the engine's connection event, its sockets, their number while they come and go",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      io.engine.on("connection", (conn: Conn) => {
        w.note(
          "server",
          "connection",
          conn.id,
          conn.readyState,
          conn.protocol,
          conn.transport.name,
          conn.upgraded,
        );
        w.note("server", "count", io.engine.clientsCount, conn.remoteAddress);
        conn.on("packet", ({ type, data }) => w.note("server", "packet", type, data));
        conn.on("packetCreate", ({ type, data }) => w.note("server", "packetCreate", type, data));
        conn.on("data", (data) => w.note("server", "data", data));
        conn.on("close", (reason) => {
          w.note("server", "close", reason, conn.readyState);
          setImmediate(() => w.note("server", "count", io.engine.clientsCount));
        });
      });
      io.on("connection", (socket) => socket.on("event", () => socket.emit("answer")));
      const ws = await w.joined();
      ws.send('42["event"]');
      await ws.next();
      ws.terminate();
      await w.seen("server", "count", 2);
    },
  },
  {
    name: "the upgrade as the engine tells it: upgrading, upgrade, the transport before and after",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      io.engine.on("connection", (conn: Conn) => {
        w.note("server", "opened on", conn.transport.name, conn.upgraded);
        conn.on("upgrading", ({ name }) => w.note("server", "upgrading", name));
        conn.on("upgrade", ({ name }) =>
          w.note("server", "upgrade", name, conn.transport.name, conn.upgraded),
        );
      });
      io.on("connection", (socket) => w.fences(socket));
      const client = w.dial("/", { transports: ["polling", "websocket"] });
      const { engine: link } = client.io;
      link.on("upgrading", ({ name }: { name: string }) => w.note("client", "upgrading", name));
      link.on("upgrade", ({ name }: { name: string }) => w.note("client", "upgrade", name));
      await w.arrived(client);
      await w.seen("client", "upgrade");
      await w.seen("server", "upgrade");
      await w.fence(client);
      w.note("client", "transport", client.io.engine.transport.name);
    },
  },
  {
    name: "the limit of messages: what each end is told of a peer that does not keep it, over WebSocket and polling",
    ends: "server",
    async run(w) {
      const io = await w.serve({ maxHttpBufferSize: 1_000 });
      io.on("connection", (socket) => {
        socket.on("disconnect", (reason) => w.note("server", "disconnect", reason));
        socket.on("event", (text) => w.note("server", "event", text.length));
      });
      const event = (length: number): string => `42["event","${"x".repeat(length)}"]`;
      const ws = await w.joined();
      ws.send(event(900));
      await w.seen("server", "event");
      ws.send(event(1_100));
      await w.seen("server", "disconnect");
      await ws.closed;
      const session = await w.polling();
      await session.post("40");
      await session.get();
      w.note("wire", "within", ...shown(await session.post(event(900))));
      w.note("wire", "over", ...shown(await session.post(event(1_100))));
      w.note("wire", "after", ...shown(await session.post(event(1))));
    },
  },
  {
    name: "an event over the server's limit: the connection of the client that emits it",
    async run(w) {
      const io = await w.serve({ maxHttpBufferSize: 1_000 });
      io.on("connection", (socket) => socket.on("event", (text) => w.note("server", "event", text.length)));
      const client = await w.connect();
      client.on("disconnect", (reason) => w.note("client", "disconnect", reason, client.active));
      w.tried("client", "emit", () => client.emit("event", "x".repeat(900)) === client);
      await w.seen("server", "event");
      w.tried("client", "emit", () => client.emit("event", "x".repeat(1_100)) === client);
      client.emit("event", "after");
      await Promise.race([w.seen("client", "disconnect"), w.seen("server", "event", 2)]);
    },
  },
];
