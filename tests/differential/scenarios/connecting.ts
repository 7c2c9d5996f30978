import type { Scenario } from "../scenario.ts";

export const connecting: readonly Scenario[] = [
  {
    name: "what the connection listener emits arrives after connect, in order",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.emit("one");
        io.emit("two", Buffer.from([1, 2]));
        socket.emit("three");
      });
      const client = w.dial();
      w.record("client", client, "connect", "one", "two", "three");
      await w.seen("client", "three");
    },
  },
  {
    name: "id, connected, disconnected and active at each step of a client's life",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => w.note("server", "connection", socket.id));
      const client = w.dial("/", { autoConnect: false });
      const state = (when: string): void =>
        w.note(
          "client",
          when,
          client.id,
          client.connected,
          client.disconnected,
          client.active,
          Boolean(client.recovered),
        );
      state("made");
      w.tried("client", "connect()", () => client.connect() === client);
      state("asked");
      client.on("connect", () => state("connect"));
      client.on("disconnect", () => state("disconnect"));
      await w.seen("client", "connect");
      w.tried("client", "again", () => client.connect() === client);
      client.disconnect();
      state("left");
      await w.seen("client", "disconnect");
      w.tried("client", "open()", () => client.open() === client);
      await w.seen("client", "connect", 2);
      client.close();
      await w.seen("client", "disconnect", 2);
    },
  },
  {
    name: "the query of the URL when the options have none, and of a namespace's URL",
    async run(w) {
      const io = await w.serve();
      io.of("/admin").on("connection", ({ handshake }) =>
        w.note("server", "query", handshake.query["token"], handshake.query["room"], handshake.auth),
      );
      await w.connect("/admin?token=a%20b&room=r%C3%A9");
      await w.seen("server", "query");
    },
  },
  {
    name: "auth as an object, as a function, changed between connections; asked for each one",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => w.note("server", "auth", socket.handshake.auth));
      let times = 0;
      const client = await w.connect("/", { auth: (answer) => answer({ times: (times += 1) }) });
      client.disconnect().connect();
      await w.seen("server", "auth", 2);
      client.disconnect();
      client.auth = { plain: true };
      client.connect();
      await w.seen("server", "auth", 3);
      const none = await w.connect("/", { forceNew: true });
      await w.seen("server", "auth", 4);
      w.note("client", "auth", none.auth, client.auth);
    },
  },
  {
    name: "the CONNECT that the client sends, with auth and without, for a namespace",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      for (const [path, auth] of [
        ["/", undefined],
        ["/", { a: 1 }],
        ["/chat?x=1", undefined],
        ["/chat", { token: "é\u{1f44d}" }],
        ["/", {}],
      ] as const) {
        const options = auth ? { auth } : {};
        w.keep(w.client.io(server.url + path, { transports: ["websocket"], forceNew: true, ...options }));
        w.note("wire", "CONNECT", await (await server.peer()).next());
      }
    },
  },
  {
    name: "what a server sends, frame by frame",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.emit("plain", 1, "two", null, undefined, { three: [3] });
        socket.emit("asks", () => undefined);
        socket.timeout(1_000).emit("asks again", new Date(0), () => undefined);
        io.emit("binary", Buffer.from([1, 2]), { deep: [new Uint8Array([3])] });
        socket.compress(false).emit("plain", Number.NaN);
        socket.send("message", "with two");
        io.to(socket.id).emit("to room", new Map([[1, 2]]));
        socket.on("ask", (answer) => answer("yes", Buffer.from([9])));
      });
      const ws = await w.ws("", ["40"]);
      const next = async (): Promise<void> => {
        const frame = await ws.next();
        w.note("wire", "frame", typeof frame === "string" ? frame : frame.toString("hex"));
      };
      for (let frame = 0; frame < 11; frame += 1) await next();
      ws.send('420["ask"]');
      await next();
      await next();
    },
  },
  {
    name: "CONNECT twice for one namespace ends the connection",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => w.record("server", socket, "disconnecting", "disconnect", "error"));
      const ws = await w.joined();
      ws.send("40");
      await w.seen("server", "disconnect");
      await ws.closed;
    },
  },
  {
    name: "a client whose server answers CONNECT with an error, with and without data",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      for (const reply of ['44{"message":"no","data":{"a":[1]}}', '44{"message":"no"}']) {
        const client = w.keep(w.client.io(server.url, { transports: ["websocket"], forceNew: true }));
        client.on("connect_error", (error) =>
          w.note("client", "connect_error", error.message, (error as Error & { data?: unknown }).data),
        );
        client.on("connect_error", () => w.note("client", "state", client.active, client.id));
        const peer = await server.peer();
        await peer.next();
        peer.send(reply);
      }
      await w.seen("client", "state", 2);
    },
  },
  {
    name: "socket.client, conn, request, nsp and data of a server's socket, and of two that share a connection",
    async run(w) {
      const io = await w.serve();
      io.of("/other").on("connection", (other) => {
        const [main] = [...io.sockets.sockets.values()];
        w.note(
          "server",
          "shared",
          main?.client === other.client,
          main?.conn === other.conn,
          main?.id === other.id,
        );
        w.note("server", "request", main?.request === other.request, other.client.request === other.request);
        w.note("server", "same id", (other.conn as unknown as { id: string }).id === other.id);
        w.note("server", "nsp", other.nsp === io.of("/other"), other.nsp.name, other.nsp.server === io);
        w.note("server", "data", other.data, main?.data);
        w.note("server", "conn", other.conn.protocol, other.conn.readyState, other.conn.transport.name);
      });
      const client = await w.connect();
      await w.arrived(w.keep(client.io.socket("/other")));
      await w.seen("server", "conn");
    },
  },
];
