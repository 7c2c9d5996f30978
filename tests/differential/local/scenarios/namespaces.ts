import type { Scenario } from "../../scenario.ts";

export const namespaces: readonly Scenario[] = [
  {
    name: "a namespace by RegExp: who gets in, the children, their names, the parent's listeners",
    async run(w) {
      const io = await w.serve();
      io.on("new_namespace", (nsp) => w.note("server", "new_namespace", nsp.name));
      const parent = io.of(/^\/dynamic-\d+$/);
      w.note("server", "parent", /^\/_\d+$/.test(parent.name), io._nsps.has(parent.name));
      parent.on("connection", (socket) => {
        w.note("server", "connection", socket.nsp.name, socket.nsp === io.of(socket.nsp.name));
        socket.emit("hello", socket.nsp.name);
      });
      const one = w.dial("/dynamic-101");
      w.record("one", one, "hello", "connect_error");
      await w.seen("one", "hello");
      const other = w.dial("/dynamic-x");
      other.on("connect_error", (error) => w.note("other", "connect_error", error, other.active));
      await w.seen("other", "connect_error");
      w.note("server", "namespaces", [...io._nsps.keys()].toSorted());
    },
  },
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
    name: "what a parent namespace emits reaches the sockets of all its children",
    async run(w) {
      const io = await w.serve();
      const parent = io.of(/^\/child-/);
      for (const name of ["1", "2"]) {
        const client = await w.connect(`/child-${name}`, { forceNew: true });
        w.record(name, client, "to all", "in room", "end");
      }
      io.of("/child-2").socketsJoin("room");
      w.tried("server", "emit", () => parent.emit("to all", 1));
      parent.to("room").emit("in room", 2);
      parent.except("room").emit("in room", 3);
      parent.emit("end");
      await w.seen("1", "end");
      await w.seen("2", "end");
      await w.settled("server", "fetchSockets", (async () => (await parent.fetchSockets()).length)());
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
    name: "cleanupEmptyChildNamespaces: a child goes with its last socket, and after a refusal; others stay",
    async run(w) {
      const io = await w.serve({ cleanupEmptyChildNamespaces: true });
      io.of("/fixed");
      const parent = io.of(/^\/child-/);
      parent.use((socket, next) => {
        next(socket.nsp.name === "/child-closed" ? new Error("closed") : undefined);
      });
      parent.on("connection", (socket) => {
        socket.on("disconnect", () => {
          setImmediate(() => w.note("server", "left", io._nsps.has("/child-1"), socket.nsp.sockets.size));
        });
      });
      const one = await w.connect("/child-1", { forceNew: true });
      const two = await w.connect("/child-1", { forceNew: true });
      one.disconnect();
      await w.seen("server", "left");
      two.disconnect();
      await w.seen("server", "left", 2);
      const refused = w.dial("/child-closed", { forceNew: true });
      refused.on("connect_error", (error) => w.note("client", "connect_error", error));
      await w.seen("client", "connect_error");
      w.note("server", "refused", io._nsps.has("/child-closed"), io._nsps.has("/fixed"));
      await w.connect("/child-1", { forceNew: true });
      w.note("server", "again", io._nsps.has("/child-1"));
    },
  },
  {
    name: "names: with and without a slash, the main one, the same object each time",
    host: "node",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      w.note("server", "names", io.of("a").name, io.of("/a").name, io.of("/").name, io.sockets.name);
      w.note(
        "server",
        "same",
        io.of("a") === io.of("/a"),
        io.of("/") === io.sockets,
        io.of("") === io.of("/"),
      );
      w.note("server", "server", io.of("/a").server === io, io._nsps.get("/a") === io.of("/a"));
      w.note("server", "sockets", io.of("/a").sockets instanceof Map, io.of("/a").sockets.size);
      let given: unknown;
      const made = io.of("/b", (socket) => (given = socket));
      w.note("server", "listener", made.listenerCount("connect") + made.listenerCount("connection"), given);
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
