import type { Socket } from "socket.io";
import { CLIENT_MEMBERS, MANAGER_MEMBERS, missing, SERVER_MEMBERS, SOCKET_MEMBERS } from "../members.ts";
import type { Scenario } from "../scenario.ts";

type Answer = (...values: unknown[]) => void;

export const corners: readonly Scenario[] = [
  {
    name: "the members of a server, a namespace and a socket",
    async run(w) {
      const io = await w.serve();
      w.note(
        "server",
        "server",
        missing(
          io,
          SERVER_MEMBERS.filter((name) => name !== "httpServer"),
        ),
      );
      w.note(
        "server",
        "namespace",
        missing(io.sockets, ["adapter", "name", "server", "sockets", "use", "local", "write"]),
      );
      io.on("connection", (socket) => w.note("server", "socket", missing(socket, SOCKET_MEMBERS)));
      w.note(
        "server",
        "operator",
        missing(io.to("x"), ["allSockets", "compress", "emitWithAck", "except", "local", "timeout"]),
      );
      await w.connect();
      await w.seen("server", "socket");
    },
  },
  {
    name: "the members of a client and of its manager",
    async run(w) {
      await w.serve();
      const client = await w.connect();
      w.note("client", "socket", missing(client, CLIENT_MEMBERS));
      w.note("client", "manager", missing(client.io, MANAGER_MEMBERS));
      w.note(
        "client",
        "engine",
        missing(client.io.engine, ["close", "id", "off", "on", "once", "readyState", "transport"]),
      );
    },
  },
  {
    name: "catch-all listeners are given the ack as the last argument, on both ends, and may use it",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.onAny((name, ...args) => {
          w.note("server", "any", name, ...args);
          (args.at(-1) as Answer)("from any");
        });
        socket.on("ask", (value, answer: Answer) => {
          w.note("server", "ask", value);
          answer("too late");
        });
      });
      const client = await w.connect();
      w.note("client", "answer", await client.emitWithAck("ask", 1));
    },
  },
  {
    name: "socket.use is given the ack as well, and may answer a refused event",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.use((event, next) => {
          w.note("server", "use", ...event);
          (event.at(-1) as Answer)("refused");
          next(new Error("no"));
        });
        socket.on("error", (error) => w.note("server", "error", error));
      });
      const client = await w.connect();
      w.note("client", "answer", await client.emitWithAck("ask", 1));
      await w.seen("server", "error");
    },
  },
  {
    name: "disconnect() in the middleware does nothing: the socket is not connected",
    async run(w) {
      const io = await w.serve();
      io.use((socket, next) => {
        w.note("server", "middleware", socket.connected, socket.disconnected);
        socket.disconnect(true);
        next();
      });
      io.on("connection", () => w.note("server", "connection"));
      const client = w.dial();
      w.record("client", client, "connect", "disconnect");
      await w.seen("client", "connect");
      await w.seen("server", "connection");
      w.note("server", "sockets", io.sockets.sockets.size);
    },
  },
  {
    name: "timeout and volatile of a socket go with its broadcasts",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      const [a, b] = [await w.connect("/", { forceNew: true }), await w.connect("/", { forceNew: true })];
      b.on("ask", (answer: Answer) => answer("b"));
      a.on("ask", (answer: Answer) => answer("a"));
      const socket = io.sockets.sockets.get(a.id ?? "");
      if (!socket) throw new Error("no socket");
      socket.timeout(5_000).broadcast.emit("ask", (error: unknown, values: unknown) => {
        w.note("server", "answers", error, values);
      });
      await w.seen("server", "answers");
      w.record("b", b, "quiet");
      socket.volatile.broadcast.emit("quiet", 1);
      socket
        .compress(false)
        .to(b.id ?? "")
        .emit("quiet", 2);
      await w.seen("b", "quiet", 2);
    },
  },
  {
    name: "an event for which nobody listens, on either end, is nothing",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.emit("nobody hears", 1, () => w.note("server", "never"));
        socket.on("end", () => w.note("server", "end"));
      });
      const client = await w.connect();
      client.emit("nobody hears", () => w.note("client", "never"));
      client.emit("end");
      await w.seen("server", "end");
    },
  },
  {
    name: "emit returns, and its arguments belong to the caller again: changed afterwards, they left as they were",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        const list = [1];
        w.tried("server", "emit", () => socket.emit("list", list));
        list.push(2);
        w.tried("server", "broadcast", () => io.emit("list", list));
        list.push(3);
      });
      const client = w.dial();
      w.record("client", client, "list");
      await w.seen("client", "list", 2);
      const outgoing = { a: 1 };
      io.sockets.sockets.forEach((socket) => w.record("server", socket, "object"));
      client.emit("object", outgoing);
      outgoing.a = 2;
      await w.seen("server", "object");
    },
  },
  {
    name: "the manager's own opening: open() with a callback, and an error",
    overPolling: false,
    async run(w) {
      await w.serve();
      const options = { autoConnect: false, reconnection: false, transports: ["websocket"] };
      const manager = new w.client.Manager(`http://127.0.0.1:${w.port}`, options);
      w.record("manager", manager, "open");
      manager.open((error) => w.note("manager", "callback", error));
      await w.seen("manager", "callback");
      w.keep(manager.socket("/")).disconnect();
      const nobody = new w.client.Manager("http://127.0.0.1:9", options);
      nobody.on("error", (error) => w.note("nobody", "error", error instanceof Error));
      nobody.open((error) => w.note("nobody", "callback", error instanceof Error));
      await w.seen("nobody", "callback");
      await w.seen("nobody", "error");
      manager.engine.close();
    },
  },
  {
    name: "names of events: numbers, empty, long, with a prototype's name, of other scripts",
    async run(w) {
      const io = await w.serve();
      const names = [
        "",
        "x".repeat(300),
        "__proto__",
        "constructor",
        "toString",
        "émoji \u{1f44d}",
        "message",
        "7",
      ];
      io.on("connection", (socket) => {
        w.fences(socket);
        names.forEach((name, at) => socket.on(name, (value) => w.note("server", "heard", at, value)));
        names.forEach((name, at) => socket.emit(name, at));
      });
      const client = w.dial();
      names.forEach((name, at) => client.on(name, (value) => w.note("client", "heard", at, value)));
      await w.arrived(client);
      names.forEach((name, at) => client.emit(name, at));
      await w.fence(client);
      await w.seen("client", "heard", names.length);
    },
  },
  {
    name: "rooms with odd names",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket: Socket) => {
        const odd = ["", "__proto__", "constructor", "a,b", "é\u{1f44d}", "/x#y"];
        void socket.join(odd);
        odd.forEach((room, at) => io.to(room).emit("event", at));
        w.note("server", "rooms", [...socket.rooms].slice(1));
        io.except("__proto__").emit("event", "not this");
        socket.emit("end");
      });
      const client = w.dial();
      w.record("client", client, "event", "end");
      await w.seen("client", "end");
    },
  },
  {
    name: "hundreds of events each way stay in order, with binary and acks among them",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        let next = 0;
        socket.on("event", (at, _bytes, answer?: Answer) => {
          if (at !== next) w.note("server", "out of order", at, next);
          next = at + 1;
          answer?.(at);
          socket.emit("event", at);
        });
      });
      const client = await w.connect();
      let heard = 0;
      client.on("event", (at) => {
        if (at !== heard) w.note("client", "out of order", at, heard);
        if ((heard += 1) === 300) w.note("client", "all", heard);
      });
      for (let at = 0; at < 300; at += 1) {
        const bytes = at % 7 === 0 ? Buffer.from([at % 256]) : null;
        if (at % 75 === 74) client.emit("event", at, bytes, (value: unknown) => w.note("acks", "ack", value));
        else client.emit("event", at, bytes);
      }
      await w.seen("client", "all");
      await w.seen("acks", "ack", 4);
    },
  },
];
