import type { Server, Socket } from "socket.io";
import type { Socket as Client } from "socket.io-client";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

interface Member {
  readonly client: Client;
  readonly socket: Socket;
}

/** Clients of these names, which note what they get, each on its own track. */
async function members<Name extends string>(
  world: World,
  io: Server,
  ...names: readonly Name[]
): Promise<Record<Name, Member>> {
  const made: Partial<Record<Name, Member>> = {};
  for (const name of names) {
    const client = await world.connect("/", { forceNew: true });
    client.onAny((event, ...args) => world.note(name, event, ...args));
    const socket = io.sockets.sockets.get(client.id ?? "");
    if (!socket) throw new Error("no socket");
    made[name] = { client, socket };
  }
  return made as Record<Name, Member>;
}

async function end(world: World, io: Server, names: readonly string[]): Promise<void> {
  io.emit("end");
  for (const name of names) await world.seen(name, "end");
}

export const rooms: readonly Scenario[] = [
  {
    name: "join and leave: one room, a list, twice the same, one that was never joined; rooms in order",
    async run(w) {
      const io = await w.serve();
      const { a } = await members(w, io, "a");
      const note = (kind: string): void => w.note("server", kind, [...a.socket.rooms]);
      note("at first");
      await a.socket.join("x");
      await a.socket.join(["y", "z", "x"]);
      note("joined");
      await a.socket.leave("y");
      await a.socket.leave("never");
      note("left");
      w.note("server", "own", a.socket.rooms instanceof Set, a.socket.rooms.has(a.socket.id));
    },
  },
  {
    name: "to, in and except: unions, each receiver once, the sender left out",
    async run(w) {
      const io = await w.serve();
      const names = ["a", "b", "c"] as const;
      const { a, b, c } = await members(w, io, ...names);
      await a.socket.join(["x", "y"]);
      await b.socket.join("x");
      await c.socket.join("y");
      io.to("x").emit("to x");
      io.to("x").to("y").emit("to x and y");
      io.in(["x", "y"]).except("x").emit("in both except x");
      io.except("y").emit("except y");
      io.to("nowhere").emit("to nowhere");
      a.socket.to("x").emit("a to x");
      a.socket.to(["x", "y"]).except("y").emit("a to x, y except y");
      a.socket.broadcast.emit("a to others");
      a.socket.broadcast.to("y").emit("a to others in y");
      b.socket.except("x").emit("b except x");
      io.to(c.socket.id).emit("to c");
      a.socket.to(a.socket.id).emit("a to itself");
      io.to([a.socket.id, "x"]).emit("to a and x");
      io.local.to("x").emit("local");
      await end(w, io, names);
    },
  },
  {
    name: "an operator may be kept and used again; none changes another",
    async run(w) {
      const io = await w.serve();
      const names = ["a", "b"] as const;
      const { a, b } = await members(w, io, ...names);
      await a.socket.join("x");
      await b.socket.join("y");
      const toX = io.to("x");
      const toBoth = toX.to("y");
      const exceptX = toBoth.except("x");
      toX.emit("x only", 1);
      toBoth.emit("both", 2);
      exceptX.emit("y only", 3);
      toX.emit("x again", 4);
      w.note("server", "different", (toX as unknown) !== toBoth, (toBoth as unknown) !== exceptX);
      await end(w, io, names);
    },
  },
  {
    name: "broadcasts and direct events leave in the order of the calls",
    async run(w) {
      const io = await w.serve();
      const { a } = await members(w, io, "a");
      await a.socket.join("x");
      for (let turn = 0; turn < 3; turn += 1) {
        io.emit("all", turn);
        a.socket.emit("direct", turn, Buffer.from([turn]));
        io.to("x").emit("room", turn);
        io.of("/").emit("namespace", turn);
      }
      await end(w, io, ["a"]);
    },
  },
  {
    name: "a socket that has left its own room is not reached by its id any more",
    async run(w) {
      const io = await w.serve();
      const { a } = await members(w, io, "a");
      io.to(a.socket.id).emit("first");
      await a.socket.leave(a.socket.id);
      io.to(a.socket.id).emit("second");
      w.note("server", "rooms", [...a.socket.rooms]);
      await end(w, io, ["a"]);
    },
  },
  {
    name: "the adapter's rooms and sids while sockets come, join, leave and go",
    async run(w) {
      const io = await w.serve();
      const note = (kind: string): void => {
        const { rooms: all, sids } = io.of("/").adapter;
        const listed = [...all.keys()].filter((room) => room.length < 20).toSorted();
        w.note("server", kind, listed, all.size, sids.size, all.get("x")?.size, all.has("y"));
      };
      note("empty");
      const { a, b } = await members(w, io, "a", "b");
      await a.socket.join(["x", "y"]);
      await b.socket.join("x");
      note("joined");
      const membersOf = (room: string): string[] => [...(io.of("/").adapter.rooms.get(room) ?? [])];
      w.note("server", "members", membersOf("x").includes(a.socket.id), membersOf("y").includes(b.socket.id));
      await a.socket.leave("y");
      note("left");
      const gone = new Promise((resolve) => a.socket.on("disconnect", resolve));
      a.client.disconnect();
      await gone;
      note("gone");
      w.note("server", "sids", [...(io.of("/").adapter.sids.get(b.socket.id) ?? [])]);
    },
  },
  {
    name: "the adapter's events: create-room, join-room, leave-room, delete-room",
    async run(w) {
      const io = await w.serve();
      const { adapter } = io.of("/");
      w.record("adapter", adapter, "create-room", "join-room", "leave-room", "delete-room");
      io.on("connection", (socket) => {
        void socket.join("x");
        void socket.join(["x", "y"]);
        void socket.leave("y");
        socket.on("disconnect", () => w.note("adapter", "disconnect"));
        socket.disconnect();
      });
      w.dial();
      await w.seen("adapter", "disconnect");
    },
  },
  {
    name: "the adapter's events of a socket that joins nothing itself",
    async run(w) {
      const io = await w.serve();
      const { adapter } = io.of("/");
      w.record("adapter", adapter, "create-room", "join-room", "leave-room", "delete-room");
      io.on("connection", (socket) => {
        w.note("adapter", "connection");
        socket.on("disconnect", () => w.note("adapter", "disconnect"));
      });
      (await w.connect()).disconnect();
      await w.seen("adapter", "disconnect");
    },
  },
  {
    name: "fetchSockets: all, of rooms, except; what a remote socket has and can do",
    async run(w) {
      const io = await w.serve();
      const names = ["a", "b", "c"] as const;
      const { a, b, c } = await members(w, io, ...names);
      const named = new Map([a, b, c].map(({ socket }, at) => [socket.id, names[at]]));
      a.socket.data = { user: "ann" };
      await a.socket.join("x");
      await b.socket.join(["x", "y"]);
      const note = async (kind: string, found: Promise<readonly { id: string }[]>): Promise<void> =>
        w.note("server", kind, (await found).map(({ id }) => named.get(id) ?? "?").toSorted());
      await note("all", io.fetchSockets());
      await note("x", io.in("x").fetchSockets());
      await note("x and y", io.in("x").in("y").fetchSockets());
      await note("except", io.except("y").fetchSockets());
      await note("others", a.socket.to("x").fetchSockets());
      await note("namespace", io.of("/").in("nowhere").fetchSockets());
      const [remote] = await io.in(a.socket.id).fetchSockets();
      if (!remote) throw new Error("not found");
      w.note(
        "server",
        "remote",
        remote.id === a.socket.id,
        remote.data,
        remote.handshake === a.socket.handshake,
      );
      w.note("server", "rooms", [...remote.rooms]);
      remote.emit("from remote", 1);
      remote.join("z");
      w.note("server", "joined", [...a.socket.rooms]);
      remote.leave("x");
      w.note("server", "left", [...a.socket.rooms]);
      await end(w, io, names);
      a.client.on("disconnect", (reason) => w.note("a", "disconnect", reason));
      remote.disconnect();
      await w.seen("a", "disconnect");
    },
  },
  {
    name: "socketsJoin, socketsLeave and disconnectSockets: of the server, of rooms, of a socket's operator",
    async run(w) {
      const io = await w.serve();
      const names = ["a", "b", "c"] as const;
      const { a, b, c } = await members(w, io, ...names);
      const note = (kind: string): void =>
        w.note("server", kind, ...[a, b, c].map(({ socket }) => [...socket.rooms].slice(1)));
      w.tried("server", "socketsJoin", () => io.socketsJoin(["all", "more"]));
      note("joined");
      await a.socket.join("x");
      io.in("x").socketsJoin("of x");
      io.in("x").socketsLeave("all");
      io.except("x").socketsLeave(["more", "never"]);
      b.socket.broadcast.socketsJoin("others of b");
      note("changed");
      for (const [name, { client }] of [
        ["a", a],
        ["b", b],
        ["c", c],
      ] as const) {
        client.on("disconnect", (reason) => w.note(name, "disconnect", reason));
      }
      io.in("x").disconnectSockets();
      await w.seen("a", "disconnect");
      b.socket.broadcast.disconnectSockets(true);
      await w.seen("c", "disconnect");
      await end(w, io, ["b"]);
    },
  },
  {
    name: "rooms of one namespace are not those of another",
    async run(w) {
      const io = await w.serve();
      io.of("/a").on("connection", (socket) => void socket.join("x"));
      io.of("/b").on("connection", (socket) => void socket.join("x"));
      const a = await w.connect("/a");
      const b = w.keep(a.io.socket("/b"));
      await w.arrived(b);
      for (const [track, client] of [
        ["a", a],
        ["b", b],
      ] as const) {
        client.onAny((event) => w.note(track, event));
      }
      io.of("/a").to("x").emit("to a");
      io.to("x").emit("to main");
      io.of("/b").emit("to b");
      io.of("/a").emit("end");
      await w.seen("a", "end");
      await w.seen("b", "to b");
    },
  },
  {
    name: "volatile broadcasts reach whoever can take them; a volatile event of a client that is away is dropped",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      const { a } = await members(w, io, "a");
      io.volatile.emit("volatile", 1);
      await w.seen("a", "volatile");
      a.socket.volatile.emit("own volatile", 2);
      await w.seen("a", "own volatile");
      a.socket.on("up", (value) => w.note("server", "up", value));
      a.client.disconnect();
      a.client.volatile.emit("up", "dropped");
      io.on("connection", (socket) => w.record("server", socket, "up"));
      a.client.connect();
      await w.arrived(a.client);
      a.client.emit("up", "sent");
      await w.seen("server", "up");
    },
  },
  {
    name: "send and write of servers, namespaces, operators and sockets are message events",
    async run(w) {
      const io = await w.serve();
      const { a } = await members(w, io, "a");
      w.tried("server", "io.send", () => io.send("io", 1) === io);
      w.tried("server", "io.write", () => io.write("io write") === io);
      w.tried("server", "namespace.send", () => io.of("/").send("namespace") === io.of("/"));
      w.tried("server", "socket.send", () => a.socket.send("socket") === a.socket);
      w.tried("server", "socket.write", () => a.socket.write("socket write") === a.socket);
      w.record("server", a.socket, "message");
      w.tried("client", "send", () => a.client.send("client", [2]) === a.client);
      await w.seen("server", "message");
      await end(w, io, ["a"]);
    },
  },
];
