import type { Scenario } from "../scenario.ts";

export const engine: readonly Scenario[] = [
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
