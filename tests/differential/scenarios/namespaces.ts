import type { Scenario } from "../scenario.ts";

export const namespaces: readonly Scenario[] = [
  {
    name: "a namespace by function: name and auth, refusal by false and by error, in the order of registration",
    async run(w) {
      const io = await w.serve();
      io.of((name, auth, next) => {
        w.note("server", "first", name, auth);
        next(null, name === "/first");
      }).on("connection", (socket) => w.note("server", "connection of first", socket.nsp.name));
      io.of((name, auth, next) => {
        w.note("server", "second", name, auth);
        if (name === "/error") next(new Error("no such thing"), false);
        else setImmediate(() => next(null, name === "/second"));
      }).on("connection", (socket) => w.note("server", "connection of second", socket.nsp.name));
      const first = await w.connect("/first", { auth: { a: 1 } });
      for (const path of ["/second", "/third", "/error"]) {
        const client = w.keep(first.io.socket(path));
        client.on("connect", () => w.note("client", "connect", path));
        client.on("connect_error", (error) => w.note("client", "connect_error", path, error));
        await Promise.race([w.seen("client", "connect"), w.seen("client", "connect_error")]);
        if (path === "/third") await w.seen("client", "connect_error", 1);
        if (path === "/error") await w.seen("client", "connect_error", 2);
      }
    },
  },
  {
    name: "what a child namespace copies of its parent, and when",
    async run(w) {
      const io = await w.serve();
      const parent = io.of(/^\/child-/);
      parent.use((socket, next) => {
        w.note("server", "middleware", socket.nsp.name);
        next();
      });
      parent.on("connection", (socket) => w.note("server", "early listener", socket.nsp.name));
      await w.connect("/child-1", { forceNew: true });
      await w.seen("server", "early listener");
      parent.on("connection", (socket) => w.note("server", "late listener", socket.nsp.name));
      parent.use((socket, next) => {
        w.note("server", "late middleware", socket.nsp.name);
        next();
      });
      await w.connect("/child-1", { forceNew: true });
      await w.seen("server", "early listener", 2);
      await w.connect("/child-2", { forceNew: true });
      await w.seen("server", "late listener");
    },
  },
  {
    name: "a namespace made by hand whose name a RegExp knows belongs to it",
    async run(w) {
      const io = await w.serve();
      const parent = io.of(/^\/child-/);
      parent.on("connection", (socket) => w.note("server", "parent's", socket.nsp.name));
      const child = io.of("/child-1");
      child.on("connection", (socket) => w.note("server", "own", socket.nsp.name));
      const client = await w.connect("/child-1");
      w.record("client", client, "from parent");
      parent.emit("from parent", 1);
      await w.seen("client", "from parent");
      await w.seen("server", "own");
    },
  },
  {
    name: "leaving one namespace of a connection, and coming back to it",
    async run(w) {
      const io = await w.serve();
      io.of("/a").on("connection", (socket) => {
        w.note("server", "connection", socket.id);
        socket.on("disconnect", (reason) => w.note("server", "disconnect", reason));
      });
      const main = await w.connect();
      const a = w.keep(main.io.socket("/a"));
      await w.arrived(a);
      w.record("client", a, "disconnect");
      a.disconnect();
      await w.seen("server", "disconnect");
      w.note("main", "connected", main.connected, main.io === a.io);
      a.connect();
      await w.arrived(a);
      w.note("client", "again", a.connected, a.id !== main.id);
      await w.seen("server", "connection", 2);
    },
  },
  {
    name: "an unknown namespace, an event of a known one with a comma in its data, a namespace with a query",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      io.of("/a").on("connection", (socket) => {
        w.note("server", "auth", socket.handshake.auth);
        socket.on("event", (...args) => {
          w.note("server", "event", ...args);
          socket.emit("event", ...args);
        });
      });
      const ws = await w.ws("", ["40/nowhere,", '40/a,{"k":"v"}']);
      await ws.next();
      w.note("wire", "frame", await ws.next());
      w.note("wire", "frame", await ws.next());
      ws.send('42/a,["event","x,y",{"z":","}]');
      w.note("wire", "frame", await ws.next());
      ws.send('42/a,7["event"]');
      w.note("wire", "frame", await ws.next());
      await w.seen("server", "event", 2);
    },
  },
  {
    name: "the server's sockets in a namespace: the map while they come and go",
    async run(w) {
      const io = await w.serve();
      const { sockets } = io.of("/");
      io.use((socket, next) => {
        w.note("server", "middleware", sockets.has(socket.id));
        next();
      });
      io.on("connection", (socket) => {
        w.note("server", "connection", sockets.get(socket.id) === socket, sockets.size);
        socket.on("disconnecting", () => w.note("server", "disconnecting", sockets.size));
        socket.on("disconnect", () => w.note("server", "disconnect", sockets.size));
      });
      (await w.connect()).disconnect();
      await w.seen("server", "disconnect");
    },
  },
  {
    name: "serverSideEmit on a single server: nobody else hears it, and the answers are none",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      io.on("ping", () => w.note("server", "heard"));
      w.tried("server", "emit", () => io.serverSideEmit("ping", 1));
      w.tried("server", "reserved", () => io.serverSideEmit("connection", 1));
      w.tried("server", "namespace", () => io.of("/a").serverSideEmit("ping"));
    },
  },
];
