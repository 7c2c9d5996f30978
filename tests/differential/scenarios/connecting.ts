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
    name: "what the client emits before it is connected waits in sendBuffer and arrives in order, with its acks",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        w.record("server", socket, "first", "second", "third");
        socket.on("asking", (value, answer) => {
          w.note("server", "asking", value);
          answer(value * 2);
        });
      });
      const client = w.dial("/", { autoConnect: false });
      w.tried("client", "emit", () => client.emit("first", 1) === client);
      client.emit("second", Buffer.from([7]));
      client.emit("asking", 21, (answer: unknown) => w.note("client", "answer", answer));
      client.volatile.emit("third");
      w.note("client", "buffered", client.sendBuffer.length, client.connected, client.active);
      client.on("connect", () => {
        w.note("client", "connect", client.sendBuffer.length);
        client.emit("third", "after");
      });
      client.connect();
      await w.seen("client", "answer");
      await w.seen("server", "third");
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
    name: "the handshake: its fields, the query, the auth, the headers",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        const { handshake } = socket;
        w.note("server", "names", Object.keys(handshake).toSorted());
        w.note("server", "auth", handshake.auth);
        w.note("server", "query", { ...handshake.query, t: typeof handshake.query["t"] });
        w.note("server", "flags", handshake.secure, handshake.xdomain, handshake.address);
        w.note("server", "time", typeof handshake.time, Number.isNaN(Date.parse(handshake.time)));
        w.note("server", "issued", Math.abs(Date.now() - handshake.issued) < 60_000);
        w.note("server", "headers", handshake.headers["x-custom"], handshake.headers.host);
        w.note("server", "url", handshake.url.replace(/&t=[\w.]+/, ""), socket.request.url === handshake.url);
        w.note("server", "request", socket.request.headers["x-custom"], socket.request.method);
      });
      await w.connect("/?from=url", {
        auth: { token: "abc", list: [1] },
        query: { from: "options", other: "a b&c" },
        extraHeaders: { "x-custom": "yes" },
      });
      await w.seen("server", "request");
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
    name: "events that come before the CONNECT reply are kept and delivered before connect fires",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      const client = w.keep(w.client.io(server.url, { transports: ["websocket"], reconnection: false }));
      w.record("client", client, "early", "late");
      client.on("early", () => w.note("client", "state", client.connected, client.id));
      client.on("connect", () => w.note("client", "connect", client.connected, client.receiveBuffer.length));
      client.emit("buffered", 1);
      const peer = await server.peer();
      w.note("wire", "frame", await peer.next());
      peer.send('42["early",1]');
      peer.send('42["early",2]');
      peer.send('40{"sid":"made-by-hand-7654321"}');
      peer.send('42["late",3]');
      await w.seen("client", "late");
      w.note("wire", "frame", await peer.next());
    },
  },
  {
    name: "what a client sends, frame by frame: events, acks, binary, volatile, leaving",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      const client = w.keep(w.client.io(server.url, { transports: ["websocket"], reconnection: false }));
      const peer = await server.peer();
      await peer.next();
      peer.send('40{"sid":"made-by-hand-7654321"}');
      await w.arrived(client);
      client.emit("plain", 1, "two", null, undefined, { three: [3] });
      client.emit("asks", () => undefined);
      client.emit("asks again", new Date(0), () => undefined);
      client.emit("binary", Buffer.from([1, 2]), { deep: [new Uint8Array([3])] });
      client.compress(false).emit("plain", Number.NaN);
      client.send("message", "with two");
      client.timeout(1_000).emit("timed", () => undefined);
      for (let frame = 0; frame < 9; frame += 1) w.note("wire", "frame", await peer.next());
      client.volatile.emit("volatile", 1);
      w.note("wire", "frame", await peer.next());
      client.on("ask", (answer) => answer("yes", Buffer.from([9])));
      peer.send('427["ask"]');
      for (let frame = 0; frame < 2; frame += 1) w.note("wire", "frame", await peer.next());
      peer.send("2");
      w.note("wire", "frame", await peer.next());
      client.disconnect();
      w.note("wire", "frame", await peer.next());
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
    name: "a server that is not there: connect_error and still active, or not without reconnection",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      await server.close();
      for (const reconnection of [true, false]) {
        const client = w.keep(
          w.client.io(server.url, { transports: ["websocket"], reconnection, forceNew: true }),
        );
        const track = reconnection ? "stubborn" : "modest";
        client.once("connect_error", (error) =>
          w.note(track, "connect_error", error.message, error instanceof Error),
        );
        client.once("connect_error", () => w.note(track, "state", client.active, client.connected));
        await w.seen(track, "state");
        client.disconnect();
      }
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
