import type { Socket } from "socket.io";
import type { Scenario } from "../scenario.ts";

export const emitters: readonly Scenario[] = [
  {
    name: "the emitter's methods on a socket of the server",
    async run(w) {
      const io = await w.serve();
      const connected = new Promise<Socket>((resolve) => io.on("connection", resolve));
      const client = await w.connect();
      const socket = await connected;
      const note =
        (kind: string) =>
        (...args: unknown[]): void =>
          w.note("server", kind, ...args);
      const removed = note("removed");
      w.tried("server", "on", () => socket.on("event", note("on")) === socket);
      socket.addListener("event", note("added"));
      socket.once("event", note("once"));
      socket.prependListener("event", note("prepended"));
      socket.prependOnceListener("event", note("prepended once"));
      socket.on("event", removed);
      w.tried("server", "off", () => socket.off("event", removed) === socket);
      socket.on("event", removed);
      w.tried("server", "removeListener", () => socket.removeListener("event", removed) === socket);
      w.note("server", "count", socket.listenerCount("event"), socket.listeners("event").length);
      w.note("server", "raw", socket.rawListeners("event").length, socket.eventNames().includes("event"));
      w.tried("server", "max", () => socket.setMaxListeners(50).getMaxListeners());
      client.emit("event", 1);
      await w.seen("server", "once");
      client.emit("event", 2);
      await w.seen("server", "added", 2);
      w.note("server", "count", socket.listenerCount("event"));
      w.tried("server", "removeAll", () => socket.removeAllListeners("event") === socket);
      w.note("server", "count", socket.listenerCount("event"), socket.eventNames().includes("event"));
    },
  },
  {
    name: "the emitter's methods on the server and on a namespace; once for connections",
    async run(w) {
      const io = await w.serve();
      const never = (): void => w.note("server", "never");
      w.tried("server", "on", () => typeof io.on("connection", () => w.note("server", "on")).on);
      w.tried("server", "once", () => typeof io.once("connection", () => w.note("server", "once")).on);
      io.prependListener("connection", () => w.note("server", "prepended"));
      io.on("connection", never);
      w.tried("server", "off", () => typeof io.off("connection", never).on);
      w.note("server", "count", io.listenerCount("connection"), io.sockets.listenerCount("connection"));
      w.note("server", "names", io.eventNames().includes("connection"), io.sockets.eventNames().length);
      const nsp = io.of("/");
      w.tried(
        "server",
        "namespace",
        () => nsp.addListener("connect", () => w.note("server", "connect")) === nsp,
      );
      await w.connect("/", { forceNew: true });
      await w.seen("server", "on");
      w.note("server", "then");
      await w.connect("/", { forceNew: true });
      await w.seen("server", "on", 2);
      w.tried("server", "removeAll", () => typeof io.removeAllListeners("connection").on);
      w.note("server", "count", io.listenerCount("connection"));
    },
  },
  {
    name: "the emitter's methods on a client",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.on("go", (...args) => socket.emit("event", ...args));
      });
      const client = await w.connect();
      const note =
        (kind: string) =>
        (...args: unknown[]): void =>
          w.note("client", kind, ...args);
      const removed = note("removed");
      w.tried("client", "on", () => client.on("event", note("on")) === client);
      (client as unknown as { addEventListener: typeof client.on }).addEventListener("event", note("added"));
      client.once("event", note("once"));
      client.on("event", removed);
      w.tried("client", "off", () => client.off("event", removed) === client);
      client.once("event", removed);
      client.removeListener("event", removed);
      w.note("client", "listeners", client.listeners("event").length, client.hasListeners("event"));
      client.emit("go", 1);
      await w.seen("client", "once");
      client.emit("go", 2);
      await w.seen("client", "added", 2);
      client.off("event");
      w.note("client", "after off", client.listeners("event").length, client.hasListeners("event"));
      client.on("event", removed).on("other", removed);
      client.removeAllListeners();
      w.note("client", "after all", client.hasListeners("event"), client.hasListeners("other"));
    },
  },
  {
    name: "listeners: this, the order, added and removed while the event runs",
    async run(w) {
      const io = await w.serve();
      io.on("connection", function (this: unknown, socket: Socket) {
        w.note("server", "this", this === io.sockets);
        const second = (): void => w.note("server", "second");
        socket.on("event", function (this: unknown) {
          w.note("server", "first", this === socket);
          socket.off("event", second);
          socket.on("event", () => w.note("server", "added"));
        });
        socket.on("event", second);
        socket.on("end", () => w.note("server", "end"));
      });
      const client = await w.connect();
      client.on("echo", function (this: unknown) {
        w.note("client", "this", this === client);
      });
      client.emit("event");
      client.emit("event");
      client.emit("end");
      await w.seen("server", "end");
    },
  },
  {
    name: "reserved names throw where they are emitted, on the server and on the client",
    async run(w) {
      const io = await w.serve();
      const connected = new Promise<Socket>((resolve) => io.on("connection", resolve));
      const client = await w.connect();
      const socket = await connected;
      for (const name of [
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
      ]) {
        w.tried("server", name, () => socket.emit(name));
        w.tried("broadcast", name, () => io.emit(name));
        w.tried("client", name, () => client.emit(name));
      }
      w.tried("server", "connection", () => socket.emit("connection"));
    },
  },
  {
    name: "what an application may not do with the server: each says so at once",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      const Server = w.server.Server;
      const throws = (kind: string, call: () => unknown): void => {
        try {
          call();
          w.note("server", kind, "nothing");
        } catch (error) {
          w.note("server", kind, error instanceof Error);
        }
      };
      throws("attach to a function", () => new Server((() => undefined) as never));
      throws("attach later to a function", () => new Server().attach((() => undefined) as never));
      throws("a stateful RegExp", () => io.of(/^\/x/g));
      throws("a RegExp", () => io.of(/^\/x/));
      throws("use of nothing", () => io.of("/").emit("fine"));
    },
  },
  {
    name: "types of the arguments: what becomes of values that JSON has not",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => w.record("server", socket, "event"));
      const client = await w.connect();
      client.emit("event", undefined, Number.NaN, Infinity, new Date(0), new Map([[1, 2]]), new Set([1]));
      client.emit(
        "event",
        { a: undefined, toJSON: () => ({ b: 1 }) },
        [undefined],
        new Error("lost"),
        Symbol("x"),
      );
      client.emit("event", "\u2028\u{1f44d}\u0000\ud800", "", 0, -0, 1e21, true, null);
      await w.seen("server", "event", 3);
    },
  },
];
