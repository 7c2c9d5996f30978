import type { Server, Socket } from "socket.io";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

/** Notes how each socket ends, with what is still to be seen of it at each moment. */
function watchEnds(world: World, io: Pick<Server, "on" | "sockets">, nsp = io.sockets): void {
  nsp.on("connection", (socket: Socket) => {
    world.fences(socket);
    const state = (): unknown[] => [[...socket.rooms].length, socket.connected, nsp.sockets.has(socket.id)];
    socket.on("disconnecting", (reason) => world.note("server", "disconnecting", reason, ...state()));
    socket.on("disconnect", (reason) => world.note("server", "disconnect", reason, ...state()));
  });
}

const CLIENT_EVENTS = ["connect", "disconnect", "connect_error"];

async function ended(world: World): Promise<void> {
  await world.seen("server", "disconnect");
  await world.seen("client", "disconnect");
}

export const disconnects: readonly Scenario[] = [
  {
    name: "the client disconnects: disconnecting with its rooms, then disconnect without them",
    async run(w) {
      const io = await w.serve();
      watchEnds(w, io);
      io.on("connection", (socket) => void socket.join(["one", "two"]));
      const client = await w.connect();
      w.record("client", client, ...CLIENT_EVENTS);
      client.on("disconnect", () => w.note("client", "state", client.connected, client.active, client.id));
      w.tried("client", "disconnect()", () => client.disconnect() === client);
      await ended(w);
      w.note("server", "left", io.sockets.sockets.size, io.sockets.adapter.rooms.size);
    },
  },
  {
    name: "the server disconnects a socket: the namespace only, and the client does not come back by itself",
    async run(w) {
      const io = await w.serve();
      io.of("/other");
      watchEnds(w, io);
      const client = await w.connect("/", { reconnection: true });
      const other = w.keep(client.io.socket("/other"));
      await w.arrived(other);
      w.record("client", client, ...CLIENT_EVENTS);
      w.record("client", client.io, "reconnect_attempt", "close");
      const [socket] = [...io.sockets.sockets.values()];
      w.tried("server", "disconnect()", () => socket?.disconnect() === socket);
      await ended(w);
      w.note("client", "state", client.connected, client.active, other.connected, other.active);
    },
  },
  {
    name: "disconnect(true) ends every namespace of the connection",
    async run(w) {
      const io = await w.serve();
      const admin = io.of("/admin");
      watchEnds(w, io);
      admin.on("connection", (socket) => w.record("admin", socket, "disconnecting", "disconnect"));
      const client = await w.connect("/", { reconnection: true });
      const other = w.keep(client.io.socket("/admin"));
      await w.arrived(other);
      w.record("client", client, ...CLIENT_EVENTS);
      other.on("disconnect", (reason) => w.note("other client", "disconnect", reason, other.active));
      w.record("manager", client.io, "reconnect_attempt");
      [...io.sockets.sockets.values()][0]?.disconnect(true);
      await ended(w);
      await w.seen("admin", "disconnect");
      await w.seen("other client", "disconnect");
      w.note("client", "state", client.active, client.disconnected);
    },
  },
  {
    name: "io.close() with sockets of two namespaces: shutting down, the clients see the transport close",
    async run(w) {
      const io = await w.serve();
      watchEnds(w, io);
      io.of("/admin").on("connection", (socket) => w.record("admin", socket, "disconnecting", "disconnect"));
      const client = await w.connect();
      const other = w.keep(client.io.socket("/admin"));
      await w.arrived(other);
      for (const [track, end] of [
        ["client", client],
        ["other", other],
      ] as const) {
        end.on("disconnect", (reason) => w.note(track, "disconnect", reason, end.connected, end.active));
      }
      void io.close();
      await ended(w);
      await w.seen("other", "disconnect");
      await w.seen("admin", "disconnect");
    },
  },
  {
    name: "io.disconnectSockets(): every socket, the connections stay",
    async run(w) {
      const io = await w.serve();
      watchEnds(w, io);
      const client = await w.connect();
      w.record("client", client, ...CLIENT_EVENTS);
      w.record("manager", client.io, "close");
      w.tried("server", "disconnectSockets()", () => io.disconnectSockets());
      await ended(w);
      w.note("client", "state", client.active);
    },
  },
  {
    name: "the client's engine is closed: forced close there, transport close at the server",
    async run(w) {
      const io = await w.serve();
      watchEnds(w, io);
      const client = await w.connect();
      w.record("manager", client.io, "close");
      client.on("disconnect", (reason) => w.note("client", "disconnect", reason, client.active));
      client.io.engine.close();
      await ended(w);
    },
  },
  {
    name: "a WebSocket that just ends: transport close",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      watchEnds(w, io);
      io.on("connection", (socket) => w.note("server", "connection", socket.connected));
      const ws = await w.joined();
      await w.seen("server", "connection");
      ws.terminate();
      await w.seen("server", "disconnect");
    },
  },
  {
    name: "no pong in time: ping timeout",
    ends: "server",
    async run(w) {
      const io = await w.serve({ pingInterval: 700, pingTimeout: 20 });
      watchEnds(w, io);
      const ws = await w.ws("", ["40"]);
      const frames = [await ws.next(), await ws.next(), await ws.next()];
      w.note(
        "wire",
        "frames",
        frames.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
      );
      await w.seen("server", "disconnect");
      await ws.closed;
    },
  },
  {
    name: "no ping in time: the client gives up with ping timeout",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer({ pingInterval: 700, pingTimeout: 50 });
      const client = w.keep(w.client.io(server.url, { transports: ["websocket"], reconnection: false }));
      w.record("client", client, "connect", "connect_error");
      client.on("disconnect", (reason) => w.note("client", "disconnect", reason, client.active));
      const peer = await server.peer();
      await peer.next();
      peer.send('40{"sid":"made-by-hand-7654321"}');
      await w.seen("client", "disconnect");
    },
  },
  {
    name: "what is no engine packet ends a connection with parse error, what is no packet with forced close",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      watchEnds(w, io);
      io.on("connection", (socket) => {
        socket.on("error", (error) => w.note("server", "error", error.message));
      });
      let ends = 0;
      for (const frame of ["xyz", '42{"no":"list"', '42["disconnect"]', "4x", '45["none"]', "2probe"]) {
        w.note("server", "frame", frame);
        const ws = await w.joined();
        ws.send(frame);
        await w.seen("server", "disconnect", (ends += 1));
        await ws.closed;
      }
    },
  },
  {
    name: "a packet for a namespace that was not joined ends the connection",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      watchEnds(w, io);
      io.of("/there");
      let ends = 0;
      for (const frame of ['42/there,["event"]', '43/there,1["answer"]', '44{"message":"x"}']) {
        w.note("server", "frame", frame);
        const ws = await w.joined();
        ws.send(frame);
        await w.seen("server", "disconnect", (ends += 1));
        await ws.closed;
      }
    },
  },
  {
    name: "a connection that joins nothing is closed after connectTimeout, one that joined and left is not",
    ends: "server",
    async run(w) {
      const io = await w.serve({ connectTimeout: 1_000 });
      watchEnds(w, io);
      io.on("connection", (socket) => w.note("server", "connection", socket.id));
      const joined = await w.joined();
      joined.send("41");
      await w.seen("server", "disconnect");
      const idle = await w.ws();
      w.note("idle", "open", (await idle.next()).slice(0, 8));
      await idle.closed;
      joined.send("40");
      await w.seen("server", "connection", 2);
    },
  },
  {
    name: "disconnecting inside the connection listener",
    async run(w) {
      const io = await w.serve();
      watchEnds(w, io);
      io.on("connection", (socket) => {
        socket.emit("last words");
        socket.disconnect();
        w.note("server", "after", socket.connected, socket.disconnected, socket.rooms.size);
      });
      const client = w.dial();
      w.record("client", client, ...CLIENT_EVENTS, "last words");
      client.on("disconnect", () => w.note("client", "state", client.active, client.id));
      await ended(w);
    },
  },
  {
    name: "what is emitted on a socket of the server after its end goes nowhere, and throws nothing",
    async run(w) {
      const io = await w.serve();
      watchEnds(w, io);
      const client = await w.connect();
      const [socket] = [...io.sockets.sockets.values()];
      if (!socket) throw new Error("no socket");
      client.disconnect();
      await w.seen("server", "disconnect");
      w.tried("server", "emit", () => socket.emit("late"));
      w.tried("server", "join", () => void socket.join("late"));
      w.tried("server", "leave", () => void socket.leave("late"));
      w.tried("server", "disconnect", () => socket.disconnect() === socket);
      w.tried("server", "to().emit", () => socket.to("late").emit("late"));
      w.note("server", "rooms", socket.rooms, io.sockets.adapter.rooms.has("late"));
    },
  },
  {
    name: "a client that disconnects while it is still connecting is never told anything",
    async run(w) {
      const io = await w.serve();
      io.on("connection", () => w.note("server", "connection"));
      const client = w.dial();
      w.record("client", client, ...CLIENT_EVENTS);
      client.disconnect();
      w.note("client", "state", client.connected, client.active);
      const second = await w.connect("/", { forceNew: true });
      w.note("second", "connected", second.connected);
      await w.seen("server", "connection");
    },
  },
  {
    name: "acks, rooms and timers of a socket that left: what its disconnect listener can still do",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        void socket.join("room");
        socket.on("disconnecting", () => {
          socket.to("room").emit("leaving", socket.id);
          w.note("server", "rooms", [...socket.rooms]);
        });
        socket.on("disconnect", () => {
          io.to("room").emit("left", socket.id, io.sockets.sockets.size);
          w.note("server", "gone", socket.rooms.size);
        });
      });
      const [staying, leaving] = [await w.connect(), await w.connect("/", { forceNew: true })];
      w.record("staying", staying, "leaving", "left");
      leaving.disconnect();
      await w.seen("staying", "left");
    },
  },
];
