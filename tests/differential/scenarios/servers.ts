import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { jsonLines } from "../line-parser.ts";
import type { Scenario } from "../scenario.ts";
import { shown } from "../world.ts";

export const servers: readonly Scenario[] = [
  {
    name: "io.close(): the callback, the promise, twice, the HTTP server under it",
    ends: "server",
    host: "node",
    async run(w) {
      const io = await w.serve();
      const { http } = w;
      http.once("close", () => w.note("http", "close", http.listening));
      io.on("connection", (socket) => {
        w.note("server", "connection");
        socket.on("disconnect", (reason) => w.note("server", "disconnect", reason));
      });
      await w.joined();
      await w.seen("server", "connection");
      const closed = io.close((error) => w.note("server", "callback", error));
      w.note("server", "promise", closed instanceof Promise);
      await closed;
      await w.seen("http", "close");
      w.note("server", "sockets", io.sockets.sockets.size);
      await w.settled("server", "again", io.close());
    },
  },
  {
    name: "a server that is made first and attached to its HTTP server later",
    ends: "server",
    host: "node",
    async run(w) {
      const http = createServer();
      const io = new w.server.Server({ serveClient: false });
      w.tried("server", "attach", () => io.attach(http) === io);
      w.tried("server", "httpServer", () => (io.httpServer as unknown) === http);
      http.listen(0, "127.0.0.1");
      await once(http, "listening");
      w.atEnd(() => io.close());
      const { port } = http.address() as AddressInfo;
      const client = w.keep(w.client.io(`http://127.0.0.1:${port}`, { transports: ["websocket"] }));
      await w.arrived(client);
      w.note("server", "sockets", io.sockets.sockets.size);
      client.disconnect();
    },
  },
  {
    name: "other listeners of the HTTP server keep their requests",
    ends: "server",
    host: "node",
    async run(w) {
      const http = createServer((request, response) => {
        response.setHeader("content-type", "text/x-mine");
        response.end(`mine ${request.url}`);
      });
      const io = new w.server.Server(http, { serveClient: false });
      http.listen(0, "127.0.0.1");
      await once(http, "listening");
      w.atEnd(() => io.close());
      const { port } = http.address() as AddressInfo;
      const { ask } = await import("../../interop/raw-peer.ts");
      for (const path of ["/", "/other", "/socket.iox/", "/socket.io", "/socket.io/?EIO=4"]) {
        w.note("wire", path, ...shown(await ask(port, path)));
      }
    },
  },
  {
    name: "getters and setters of the server: path, serveClient, connectTimeout, adapter",
    ends: "server",
    host: "node",
    async run(w) {
      const io = new w.server.Server({ path: "/rt/", connectTimeout: 1_234, serveClient: false });
      w.note("server", "path", io.path());
      w.note("server", "serveClient", io.serveClient());
      w.note("server", "connectTimeout", io.connectTimeout());
      w.note("server", "adapter", typeof io.adapter());
      w.note("server", "set", io.path("/other") === io, io.path());
      w.note("server", "set", io.connectTimeout(99) === io, io.connectTimeout());
    },
  },
  {
    name: 'the server speaks of its main namespace: sockets, of("/"), use, on, emit',
    async run(w) {
      const io = await w.serve();
      w.note("server", "same", io.sockets === io.of("/"), io.sockets.name, io.sockets.server === io);
      const client = w.dial();
      client.on("hello", (...args) => w.note("client", "hello", ...args));
      await w.arrived(client);
      w.tried("server", "emit", () => io.emit("hello", "all"));
      w.tried("server", "of emit", () => io.of("/").emit("hello", "main"));
      w.tried("server", "sockets emit", () => io.sockets.emit("hello", "sockets"));
      await w.seen("client", "hello", 3);
    },
  },
  {
    name: "a parser of one's own on both ends",
    async run(w) {
      const parser = jsonLines();
      const io = await w.serve({ parser });
      io.on("connection", (socket) => {
        socket.on("ask", (value, answer) => {
          w.note("server", "ask", value);
          answer(value, "é");
        });
        io.emit("hello", { a: [1] });
      });
      const client = w.dial("/", { parser });
      w.record("client", client, "hello");
      client.emit("ask", 5, (...values: unknown[]) => w.note("client", "answer", ...values));
      await w.seen("client", "answer");
      await w.seen("client", "hello");
    },
  },
];
