import type { Scenario } from "../scenario.ts";

export const clients: readonly Scenario[] = [
  {
    name: "which calls of io() share a connection",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      io.of("/a");
      io.of("/b");
      const options = { transports: ["websocket"], reconnection: false };
      const url = `http://127.0.0.1:${w.port}`;
      const open = (path: string, more = {}): ReturnType<typeof w.client.io> =>
        w.keep(w.client.io(url + path, { ...options, ...more }));
      const main = open("/");
      const a = open("/a");
      const sameAgain = open("/a");
      const forced = open("/b", { forceNew: true });
      const alone = open("/b", { multiplex: false });
      const otherPath = open("/", { path: "/elsewhere", autoConnect: false });
      w.note("client", "shared", main.io === a.io, a.io === sameAgain.io, a === sameAgain);
      w.note("client", "own", forced.io === main.io, alone.io === main.io, otherPath.io === main.io);
      w.note("client", "names", w.client.io === w.client.io, typeof w.client.Manager, w.client.protocol);
      await Promise.all([main, a, sameAgain, forced, alone].map((client) => w.arrived(client)));
      w.note(
        "server",
        "connections",
        io.engine.clientsCount,
        io.of("/a").sockets.size,
        io.of("/b").sockets.size,
      );
    },
  },
  {
    name: "a Manager of one's own: its sockets, the same one for a namespace, its options",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      io.of("/a");
      const manager = new w.client.Manager(`http://127.0.0.1:${w.port}`, {
        transports: ["websocket"],
        autoConnect: false,
        reconnectionAttempts: 3,
        reconnectionDelay: 50,
        reconnectionDelayMax: 100,
        randomizationFactor: 0.25,
        timeout: 4_000,
      });
      w.record("manager", manager, "open", "close", "error");
      const main = w.keep(manager.socket("/", { auth: { a: 1 } }));
      const a = w.keep(manager.socket("/a"));
      w.note("client", "same", manager.socket("/") === main, manager.socket("/a") === a, main.io === manager);
      w.note("client", "options", manager.reconnection(), manager.reconnectionAttempts());
      w.note("client", "delays", manager.reconnectionDelay(), manager.reconnectionDelayMax());
      w.note("client", "more", manager.randomizationFactor(), manager.timeout());
      w.note("client", "set", manager.reconnection(false) === manager, manager.reconnection());
      w.note("client", "set", manager.reconnectionAttempts(5).reconnectionAttempts());
      w.note(
        "client",
        "set",
        manager.timeout(2_000).timeout(),
        manager.reconnectionDelay(7).reconnectionDelay(),
      );
      w.note("client", "active", main.active, a.active);
      main.connect();
      a.connect();
      await Promise.all([w.arrived(main), w.arrived(a)]);
      main.disconnect();
      w.note("client", "one left", main.active, a.connected);
      a.disconnect();
      await w.seen("manager", "close");
    },
  },
  {
    name: "the manager's events of a connection: open, ping, packet, close",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      const client = w.keep(
        w.client.io(server.url, { transports: ["websocket"], autoConnect: false, reconnection: false }),
      );
      const manager = client.io;
      manager.on("open", () => w.note("manager", "open", client.connected));
      manager.on("ping", () => w.note("manager", "ping"));
      manager.on("packet", ({ type, nsp, data }) => w.note("manager", "packet", type, nsp, data));
      manager.on("close", (reason) => w.note("manager", "close", reason));
      client.on("event", () => w.note("manager", "event of the socket"));
      client.on("connect", () => w.note("manager", "connect of the socket"));
      client.on("disconnect", () => w.note("manager", "disconnect of the socket"));
      client.connect();
      const peer = await server.peer();
      await peer.next();
      peer.send('40{"sid":"made-by-hand-7654321"}');
      peer.send('42["event",1]');
      peer.send("2");
      await w.seen("manager", "ping");
      peer.close();
      await w.seen("manager", "close");
      await w.seen("manager", "disconnect of the socket");
    },
  },
  {
    name: "the headers, the query and the path that the server sees, over polling and WebSocket",
    overPolling: false,
    async run(w) {
      const io = await w.serve({ path: "/rt" });
      io.on("connection", (socket) => {
        const { headers, query, url } = socket.handshake;
        w.note("server", "saw", headers["x-a"], query["b"], query["transport"], url.split("?")[0]);
      });
      for (const transport of ["polling", "websocket"] as const) {
        await w.connect("/", {
          path: "/rt",
          forceNew: true,
          transports: [transport],
          extraHeaders: { "x-a": transport },
          query: { b: "é&=" },
        });
      }
      await w.seen("server", "saw", 2);
    },
  },
  {
    name: "the order of transports, and upgrade: false",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        w.note("server", "on", socket.conn.transport.name);
        w.fences(socket);
      });
      for (const options of [
        { transports: ["polling", "websocket"], upgrade: false },
        { transports: ["websocket", "polling"] },
        { transports: ["polling"] },
      ]) {
        const client = await w.connect("/", { ...options, forceNew: true });
        await w.fence(client);
        w.note("client", "on", client.io.engine.transport.name);
      }
    },
  },
  {
    name: "tryAllTransports: the next one when the first is not offered",
    overPolling: false,
    async run(w) {
      await w.serve({ transports: ["polling"] });
      const client = await w.connect("/", { transports: ["websocket", "polling"], tryAllTransports: true });
      w.note("client", "on", client.io.engine.transport.name);
    },
  },
  {
    name: "the engine under a client: its id, its transport, its state, its events",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => socket.on("go", () => socket.emit("event")));
      const client = w.dial();
      await w.arrived(client);
      const { engine } = client.io;
      w.note(
        "client",
        "engine",
        (engine as unknown as { id: string }).id,
        engine.transport.name,
        engine.readyState,
      );
      engine.on("packet", ({ type, data }) => w.note("client", "packet", type, data));
      engine.on("packetCreate", ({ type, data }) => w.note("client", "packetCreate", type, data));
      engine.on("close", (reason) => w.note("client", "close", reason));
      client.emit("go");
      client.on("event", () => client.disconnect());
      await w.seen("client", "close");
      w.note("client", "engine", engine.readyState);
    },
  },
  {
    name: "the details of a disconnect: a closed WebSocket, a lost one",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      for (const end of ["close", "terminate"] as const) {
        const client = w.keep(
          w.client.io(server.url, { transports: ["websocket"], forceNew: true, reconnection: false }),
        );
        client.on("disconnect", (reason, details) => {
          const { description } = (details ?? {}) as { description?: unknown };
          w.note("client", "disconnect", reason, typeof details, description);
        });
        const peer = await server.peer();
        await peer.next();
        peer.send('40{"sid":"made-by-hand-7654321"}');
        await w.arrived(client);
        peer[end]();
        await w.seen("client", "disconnect", end === "close" ? 1 : 2);
      }
    },
  },
  {
    name: "what a client is told of packets that are none: parse error, and it tries again",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      for (const frame of [
        '42{"no":"list"}',
        "4x",
        '42["connect"]',
        '451-["binary",{"_placeholder":true,"num":3}]',
      ]) {
        const client = w.keep(
          w.client.io(server.url, { transports: ["websocket"], forceNew: true, reconnectionDelay: 5_000 }),
        );
        client.on("disconnect", (reason) => w.note("client", "disconnect", frame, reason, client.active));
        const peer = await server.peer();
        await peer.next();
        peer.send('40{"sid":"made-by-hand-7654321"}');
        await w.arrived(client);
        peer.send(frame);
        if (frame.startsWith("45")) peer.send(Buffer.from([1]));
        const before = ["42{", "4x", "42[", "45"].findIndex((start) => frame.startsWith(start));
        await w.seen("client", "disconnect", before + 1);
        client.disconnect();
      }
    },
  },
  {
    name: "a connection that ends before the server answers CONNECT",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      const client = w.keep(w.client.io(server.url, { transports: ["websocket"], reconnection: false }));
      w.record("client", client, "connect");
      client.on("connect_error", (error) => w.note("client", "connect_error", error instanceof Error));
      client.on("disconnect", (reason) => w.note("client", "disconnect", reason));
      client.io.on("close", (reason) => w.note("manager", "close", reason));
      const peer = await server.peer();
      await peer.next();
      w.note("client", "waiting", client.connected, client.active);
      peer.close();
      await w.seen("manager", "close");
      w.note("client", "state", client.connected, client.active);
    },
  },
  {
    name: "a volatile event of a client is sent when it can be, and dropped before it is connected",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      const client = w.keep(w.client.io(server.url, { transports: ["websocket"], reconnection: false }));
      client.volatile.emit("dropped");
      client.emit("kept");
      const peer = await server.peer();
      await peer.next();
      peer.send('40{"sid":"made-by-hand-7654321"}');
      await w.arrived(client);
      w.note("wire", "frame", await peer.next());
      client.volatile.emit("sent", 1);
      w.note("wire", "frame", await peer.next());
    },
  },
];
