import type { Socket } from "socket.io";
import type { Scenario } from "../scenario.ts";

const EVENTS = ["connect", "connect_error", "disconnect"];

/** As Express does it: an error with something for the client. */
function refusal(message: string, data?: unknown): Error {
  return Object.assign(new Error(message), { data });
}

export const middleware: readonly Scenario[] = [
  {
    name: "middleware runs in order, each after the next() of the one before, then connect and connection",
    async run(w) {
      const io = await w.serve();
      io.use((socket, next) => {
        w.note("server", "first", socket.connected, socket.rooms.size, io.sockets.sockets.has(socket.id));
        setImmediate(next);
      });
      io.use((socket, next) => {
        socket.data.user = "ann";
        w.note("server", "second");
        void Promise.resolve().then(() => next());
      });
      io.on("connect", () => w.note("server", "connect"));
      io.on("connection", (socket) =>
        w.note("server", "connection", socket.data, socket.connected, [...socket.rooms].length),
      );
      await w.connect();
      await w.seen("server", "connection");
    },
  },
  {
    name: "next(error): message and data at the client, which stays inactive until connect()",
    async run(w) {
      const io = await w.serve();
      io.use((socket, next) => {
        if (socket.handshake.auth["token"] === "good") next();
        else next(refusal("not authorised", { code: 7, more: ["a", null] }));
      });
      io.use((_, next) => {
        w.note("server", "second");
        next();
      });
      io.on("connection", (socket) => w.note("server", "connection", socket.handshake.auth));
      const client = w.dial("/", { auth: { token: "bad" }, reconnection: true });
      client.on("connect_error", (error) => {
        w.note("client", "connect_error", error, error instanceof Error);
        w.note("client", "state", client.active, client.connected, client.disconnected, client.id);
      });
      w.record("client", client, "connect", "disconnect");
      await w.seen("client", "connect_error");
      client.auth = { token: "good" };
      client.connect();
      await w.seen("client", "connect");
      await w.seen("server", "connection");
      w.note("client", "state", client.active, client.connected);
    },
  },
  {
    name: "next(error) without data, and on the wire",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      io.of("/plain").use((_, next) => next(new Error("no")));
      io.of("/data").use((_, next) => next(refusal("no", { a: undefined, b: 1 })));
      io.of("/falsy").use((_, next) => next(refusal("no", 0)));
      const ws = await w.ws("", ["40/plain,", "40/data,", "40/falsy,", "40"]);
      await ws.next();
      for (let frame = 0; frame < 4; frame += 1) w.note("wire", "frame", await ws.next());
    },
  },
  {
    name: "the middleware of a namespace is its own",
    async run(w) {
      const io = await w.serve();
      io.use((_, next) => {
        w.note("server", "main");
        next();
      });
      io.of("/a").use((socket, next) => {
        w.note("server", "a", socket.nsp.name);
        next();
      });
      io.of("/a").on("connection", () => w.note("server", "connection"));
      const client = await w.connect("/a");
      await w.seen("server", "connection");
      w.note("client", "connected", client.connected);
    },
  },
  {
    name: "middleware may join rooms; what it joined stands at the connection",
    async run(w) {
      const io = await w.serve();
      io.use((socket, next) => {
        void socket.join("early");
        next();
      });
      io.on("connection", (socket) => {
        w.note("server", "rooms", [...socket.rooms]);
        io.to("early").emit("to early", 1);
      });
      const client = w.dial();
      w.record("client", client, "to early");
      await w.seen("client", "to early");
    },
  },
  {
    name: "what middleware emits reaches the client before its connect event",
    async run(w) {
      const io = await w.serve();
      io.use((socket, next) => {
        socket.emit("in middleware", 1);
        next();
      });
      io.on("connection", (socket) => socket.emit("in connection", 2));
      const client = w.dial();
      w.record("client", client, "in middleware", "in connection");
      client.on("connect", () => w.note("client", "connect", client.connected));
      await w.seen("client", "in connection");
    },
  },
  {
    name: "next() called twice",
    async run(w) {
      const io = await w.serve();
      io.use((_, next) => {
        next();
        next();
      });
      io.on("connection", () => w.note("server", "connection"));
      const client = w.dial();
      w.record("client", client, ...EVENTS);
      await w.seen("client", "connect");
      await w.seen("server", "connection");
      await new Promise((resolve) => setImmediate(resolve));
    },
  },
  {
    name: "a client that left while the middleware was busy never connects",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      let release: () => void = () => undefined;
      io.use((socket, next) => {
        socket.conn.on("close", (reason: string) => w.note("server", "close", reason));
        w.note("server", "middleware");
        release = next;
      });
      io.on("connection", () => w.note("server", "connection"));
      const ws = await w.ws("", ["40"]);
      await w.seen("server", "middleware");
      ws.terminate();
      await w.seen("server", "close");
      release();
      await new Promise((resolve) => setImmediate(resolve));
      w.note("server", "sockets", io.sockets.sockets.size, io.sockets.adapter.rooms.size);
    },
  },
  {
    name: "middleware added after a connection is for the next ones",
    async run(w) {
      const io = await w.serve();
      const first = await w.connect();
      w.tried("server", "use", () => io.use((_, next) => next(new Error("closed"))) === io);
      const second = w.dial("/", { forceNew: true });
      w.record("second", second, ...EVENTS);
      await w.seen("second", "connect_error");
      w.note("first", "connected", first.connected);
    },
  },
  {
    name: "socket.use: order, the list it is given, a refused event is an error event and nothing else",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        w.fences(socket);
        socket.use((event, next) => {
          w.note("middleware", "first", event);
          next();
        });
        socket.use(([name], next) => {
          w.note("middleware", "second", name);
          if (name === "forbidden") next(refusal("not that", { a: 1 }));
          else next();
        });
        w.record("server", socket, "allowed", "forbidden", "error");
      });
      const client = await w.connect();
      w.record("client", client, "error", "disconnect");
      client.emit("allowed", 1, "two");
      client.emit("forbidden", 3);
      client.emit("allowed", 4);
      await w.seen("server", "allowed", 2);
      w.note("client", "connected", client.connected);
    },
  },
  {
    name: "socket.use may change the arguments of the event",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.use((event, next) => {
          event[1] = String(event[1]).toUpperCase();
          event.push("more");
          next();
        });
        w.record("server", socket, "say");
      });
      (await w.connect()).emit("say", "hi");
      await w.seen("server", "say");
    },
  },
  {
    name: "socket.use that waits: later events overtake",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        let release: () => void = () => undefined;
        socket.use(([name], next) => {
          if (name === "slow") release = next;
          else next();
        });
        w.record("server", socket, "slow", "quick");
        socket.on("quick", () => release());
      });
      const client = await w.connect();
      client.emit("slow");
      client.emit("quick");
      await w.seen("server", "slow");
    },
  },
  {
    name: "onAny on the server: before the middleware, in the order of any and prependAny; offAny",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket: Socket) => {
        const second = (name: string): void => w.note("server", "second", name);
        socket.onAny((name, ...args) => w.note("server", "first", name, ...args));
        socket.onAny(second);
        socket.prependAny((name) => w.note("server", "zeroth", name));
        socket.use((_, next) => {
          w.note("server", "middleware");
          next();
        });
        w.record("server", socket, "event", "end");
        w.note("server", "listeners", socket.listenersAny().length);
        socket.on("event", () => {
          socket.offAny(second);
          w.note("server", "listeners", socket.listenersAny().length, socket.listenersAny().includes(second));
        });
        socket.on("end", () => {
          socket.offAny();
          w.note("server", "listeners", socket.listenersAny().length);
        });
      });
      const client = await w.connect();
      client.emit("event", 1, [2]);
      await w.seen("server", "event");
      client.emit("end");
      await w.seen("server", "listeners", 3);
    },
  },
  {
    name: "onAnyOutgoing on the server: direct events and broadcasts, with ack and without, no acks",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket: Socket) => {
        socket.onAnyOutgoing((name, ...args) => w.note("server", "out", name, ...args));
        socket.prependAnyOutgoing((name) => w.note("server", "out first", name));
        w.note("server", "listeners", socket.listenersAnyOutgoing().length);
        socket.on("go", (answer) => {
          answer("answered");
          socket.emit("direct", 1);
          socket.emit("asking", () => undefined);
          io.emit("broadcast", 2);
          io.to(socket.id).emit("to room", 3);
          socket.offAnyOutgoing();
          socket.emit("unheard");
        });
      });
      const client = await w.connect();
      w.record("client", client, "direct", "broadcast", "to room", "unheard");
      client.on("asking", (answer) => answer());
      client.emit("go", (answer: unknown) => w.note("client", "answer", answer));
      await w.seen("client", "unheard");
    },
  },
  {
    name: "onAny and onAnyOutgoing on the client",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.on("up", () => socket.emit("down", 1, 2));
      });
      const client = await w.connect();
      const gone = (): void => w.note("client", "never");
      client.onAny((name, ...args) => w.note("client", "any", name, ...args));
      client.prependAny((name) => w.note("client", "prepended", name));
      client.onAny(gone);
      client.offAny(gone);
      client.onAnyOutgoing((name, ...args) => w.note("client", "out", name, ...args));
      client.prependAnyOutgoing((name) => w.note("client", "out first", name));
      w.note("client", "count", client.listenersAny().length, client.listenersAnyOutgoing().length);
      w.record("client", client, "down");
      client.emit("up", { a: 1 });
      await w.seen("client", "down");
      client.offAny();
      client.offAnyOutgoing();
      w.note("client", "count", client.listenersAny().length, client.listenersAnyOutgoing().length);
    },
  },
];
