import type { Scenario } from "../scenario.ts";

const RECOVERY = { connectionStateRecovery: { maxDisconnectionDuration: 60_000 } };
const QUICK = { reconnection: true, reconnectionDelay: 5, reconnectionDelayMax: 10 };

export const recovery: readonly Scenario[] = [
  {
    name: "recovery on the wire: the private id, the offsets",
    ends: "server",
    async run(w) {
      const io = await w.serve(RECOVERY);
      io.on("connection", (socket) => {
        socket.emit("direct", 1);
        io.emit("broadcast", 2);
        socket.volatile.emit("volatile", 3);
        socket.emit("asks", () => undefined);
        io.emit("binary", Buffer.from([1]));
      });
      const ws = await w.ws("", ["40"]);
      await ws.next();
      const connect = JSON.parse(String(await ws.next()).slice(2)) as Record<string, unknown>;
      w.note("wire", "CONNECT", Object.keys(connect), typeof connect["pid"]);
      const told = new Set<string>();
      for (let frame = 0; frame < 4; frame += 1) {
        const text = String(await ws.next());
        const name = /"(\w+)"/.exec(text)?.[1] ?? "";
        if (name === "volatile") frame -= 1;
        else if (text.startsWith("42[") || text.startsWith("45")) {
          const args = JSON.parse(text.slice(text.indexOf("["))) as unknown[];
          w.note("wire", "event", name, args.length, typeof args.at(-1));
          told.add(String(args.at(-1)));
        } else w.note("wire", "event with an ack", text);
      }
      w.note("wire", "offsets", told.size);
    },
  },
  {
    name: "a lost connection is recovered: the same id, rooms and data, what was missed in order, no middleware",
    async run(w) {
      const io = await w.serve(RECOVERY);
      io.use((_, next) => {
        w.note("server", "middleware");
        next();
      });
      io.on("connection", (socket) => {
        w.note(
          "server",
          "connection",
          socket.recovered,
          socket.id,
          socket.data,
          [...socket.rooms].toSorted().length,
        );
        if (socket.recovered) {
          io.to("room").emit("after");
          return;
        }
        socket.data.user = "ann";
        void socket.join("room");
        socket.emit("first", 1);
        socket.on("disconnect", (reason) => {
          w.note("server", "disconnect", reason);
          io.to("room").emit("missed", 1);
          io.emit("missed", 2, Buffer.from([3]));
          io.to("other").emit("missed", "not for it");
          io.except("room").emit("missed", "not for it either");
          io.to(socket.id).emit("missed", 4);
        });
      });
      const client = w.dial("/", QUICK);
      client.onAny((name, ...args) => {
        const told = args.slice(0, name === "missed" ? 1 : 0);
        w.note("client", name, ...told);
      });
      client.on("connect", () => w.note("client", "connect", client.recovered, client.id));
      await w.seen("client", "first");
      [...io.sockets.sockets.values()][0]?.conn.close();
      await w.seen("client", "after");
    },
  },
  {
    name: "no recovery after disconnect() of either end",
    async run(w) {
      const io = await w.serve(RECOVERY);
      io.on("connection", (socket) => {
        w.note("server", "connection", socket.recovered);
        socket.emit("hello");
      });
      const client = w.dial("/", QUICK);
      client.on("hello", () => w.note("client", "hello", client.recovered));
      await w.seen("client", "hello");
      client.disconnect().connect();
      await w.seen("client", "hello", 2);
      io.disconnectSockets();
      await new Promise<void>((resolve) => client.once("disconnect", () => resolve()));
      client.connect();
      await w.seen("client", "hello", 3);
    },
  },
  {
    name: "skipMiddlewares: false runs them again at a recovery",
    async run(w) {
      const io = await w.serve({
        connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: false },
      });
      io.use((socket, next) => {
        w.note("server", "middleware", socket.recovered);
        next();
      });
      io.on("connection", (socket) => socket.emit("hello", socket.recovered));
      const client = w.dial("/", QUICK);
      client.on("hello", (recovered) => w.note("client", "hello", recovered));
      await w.seen("client", "hello");
      [...io.sockets.sockets.values()][0]?.conn.close();
      await w.seen("client", "hello", 2);
    },
  },
  {
    name: "a private id or an offset that the server does not know: a new session",
    ends: "server",
    async run(w) {
      const io = await w.serve(RECOVERY);
      io.on("connection", (socket) =>
        w.note("server", "connection", socket.recovered, socket.handshake.auth),
      );
      const ws = await w.ws("", ['40{"pid":"unknown","offset":"unknown"}']);
      await ws.next();
      const connect = JSON.parse(String(await ws.next()).slice(2)) as Record<string, unknown>;
      w.note("wire", "CONNECT", Object.keys(connect));
      await w.seen("server", "connection");
    },
  },
  {
    name: "without the option: no private id, no offsets, recovered is false",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        w.note("server", "recovered", socket.recovered);
        socket.emit("hello", 1);
      });
      const client = w.dial();
      w.record("client", client, "hello");
      client.on("connect", () => w.note("client", "connect", client.recovered));
      await w.seen("client", "hello");
    },
  },
];
