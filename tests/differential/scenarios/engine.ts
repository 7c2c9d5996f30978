import type { Conn } from "../engine-surface.ts";
import type { Scenario } from "../scenario.ts";

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
    name: "the limit of messages: what each end is told, over WebSocket and polling",
    async run(w) {
      const io = await w.serve({ maxHttpBufferSize: 1_000 });
      io.on("connection", (socket) => {
        socket.on("disconnect", (reason) => w.note("server", "disconnect", reason));
        socket.on("event", (text) => w.note("server", "event", text.length));
      });
      let ends = 0;
      for (const transports of [["websocket"], ["polling"]] as const) {
        const client = await w.connect("/", { transports: [...transports], forceNew: true });
        client.on("disconnect", (reason) => w.note("client", "disconnect", reason, client.active));
        client.emit("event", "x".repeat(900));
        await w.seen("server", "event", (ends += 1));
        client.emit("event", "x".repeat(1_100));
        await w.seen("client", "disconnect", ends);
        await w.seen("server", "disconnect", ends);
      }
    },
  },
];
