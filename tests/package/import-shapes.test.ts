import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-"));
  const homes = {
    stock: {
      "socket.io": "tests/node_modules/socket.io",
      "socket.io-client": "tests/node_modules/socket.io-client",
    },
    ours: { "socket.io": "packages/server", "socket.io-client": "packages/client" },
  };
  for (const [side, packages] of Object.entries(homes)) {
    mkdirSync(join(folder, side, "node_modules"), { recursive: true });
    for (const [name, home] of Object.entries(packages)) {
      symlinkSync(realpathSync(ROOT + home), join(folder, side, "node_modules", name));
    }
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the program prints when it has the real packages, or ours. */
function run(side: "stock" | "ours", kind: "mjs" | "cjs", program: string): Promise<string[]> {
  const file = join(folder, side, `program.${kind}`);
  writeFileSync(file, program);
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [file],
      { cwd: join(folder, side), timeout: 15_000 },
      (error, stdout, stderr) => {
        if (error) reject(new Error(stderr, { cause: error }));
        else resolve(stdout.trimEnd().split("\n"));
      },
    );
  });
}

interface Shape {
  readonly kind: "mjs" | "cjs";
  readonly program: string;
  readonly prints: readonly string[];
}

const SHAPES: Readonly<Record<string, Shape>> = {
  "import { Server, Namespace, Socket } from socket.io": {
    kind: "mjs",
    program: `
      import { createServer } from "node:http";
      import { Namespace, Server, Socket } from "socket.io";
      const io = new Server(createServer(), { path: "/x" });
      console.log(typeof Socket, io.of("/a") instanceof Namespace, io.sockets instanceof Namespace);`,
    prints: ["function true true"],
  },
  "import * as socket.io": {
    kind: "mjs",
    program: `
      import * as all from "socket.io";
      console.log(["Server", "Namespace", "Socket"].map((name) => typeof all[name]).join(), typeof all);
      console.log(new all.Server() instanceof all.Server);`,
    prints: ["function,function,function object", "true"],
  },
  'require("socket.io")(httpServer, options)': {
    kind: "cjs",
    program: `
      const httpServer = require("node:http").createServer();
      const io = require("socket.io")(httpServer, { path: "/x" });
      console.log(io instanceof require("socket.io").Server, io.httpServer === httpServer);`,
    prints: ["true true"],
  },
  'require("socket.io").Server and the others': {
    kind: "cjs",
    program: `
      const socketIo = require("socket.io");
      const { Server, Namespace, Socket } = require("socket.io");
      console.log(typeof socketIo, new Server() instanceof socketIo.Server, typeof Socket);
      console.log(new Server().of("/x") instanceof Namespace);
      console.log(["Server", "Namespace", "Socket"].every((name) => Object.keys(socketIo).includes(name)));`,
    prints: ["function true function", "true", "true"],
  },
  'new (require("socket.io"))() is none: it is a function to call': {
    kind: "cjs",
    program: `
      const SocketIo = require("socket.io");
      try { new SocketIo(); console.log("made"); } catch (error) { console.log(error.name); }`,
    prints: ["TypeError"],
  },
  "the same classes, required or imported": {
    kind: "cjs",
    program: `
      const server = require("socket.io"), client = require("socket.io-client");
      import("socket.io").then(async (imported) => {
        console.log(imported.Server === server.Server, imported.Socket === server.Socket);
        const { Manager } = await import("socket.io-client");
        console.log(typeof Manager, typeof client.Manager);
      });`,
    prints: ["true true", "function function"],
  },
  "import io, { … } from socket.io-client": {
    kind: "mjs",
    program: `
      import io, { connect, io as named, Manager, protocol, Socket } from "socket.io-client";
      const socket = io("http://localhost:1", { autoConnect: false });
      console.log(io === named, io === connect, protocol);
      console.log(socket instanceof Socket, socket.io instanceof Manager);
      console.log(io.connect === io, io.io === io, io.Manager === Manager, io.Socket === Socket);
      console.log(new Manager("http://localhost:1", { autoConnect: false }).socket("/x") instanceof Socket);`,
    prints: ["true true 5", "true true", "true true true true", "true"],
  },
  "import * as socket.io-client": {
    kind: "mjs",
    program: `
      import * as all from "socket.io-client";
      console.log(["io", "connect", "default", "Manager", "Socket", "protocol"].map((name) => typeof all[name]).join());
      console.log(all.io === all.default, all.connect === all.io);`,
    prints: ["function,function,function,function,function,number", "true true"],
  },
  'require("socket.io-client")(url)': {
    kind: "cjs",
    program: `
      const io = require("socket.io-client");
      const socket = io("http://localhost:1/x", { autoConnect: false });
      console.log(typeof io, socket.connected, socket instanceof io.Socket, socket.io instanceof io.Manager);
      console.log(io.io === io, io.connect === io);`,
    prints: ["function false true true", "true true"],
  },
  'const { io } = require("socket.io-client"), in a conversation': {
    kind: "cjs",
    program: `
      const httpServer = require("node:http").createServer();
      const io = require("socket.io")(httpServer);
      const { io: connect } = require("socket.io-client");
      io.on("connection", (socket) => socket.on("greet", (name, done) => done("hello " + name)));
      httpServer.listen(0, "127.0.0.1", () => {
        const socket = connect("http://127.0.0.1:" + httpServer.address().port);
        socket.emit("greet", "world", (answer) => {
          console.log(answer);
          socket.disconnect();
          io.close();
        });
      });`,
    prints: ["hello world"],
  },
};

describe.each(Object.entries(SHAPES))("%s", (_name, { kind, program, prints }) => {
  test.each(["stock", "ours"] as const)("[P9] %s", async (side) => {
    expect(await run(side, kind, program)).toEqual(prints);
  });
});

test("[P9] all that can be imported hangs on what require() gives", async () => {
  const program = `
    const server = require("socket.io"), client = require("socket.io-client");
    Promise.all([import("socket.io"), import("socket.io-client")]).then((imported) => {
      const lacking = (all, some) => Object.keys(all).filter((name) => name !== "module.exports" && all[name] !== some[name]);
      console.log(JSON.stringify([lacking(imported[0], server), lacking(imported[1], client)]));
    });`;
  expect(await run("ours", "cjs", program)).toEqual(["[[],[]]"]);
});
