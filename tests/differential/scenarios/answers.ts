import { gunzipSync } from "node:zlib";
import { upgradeHeaders } from "../../interop/wire-scripts.ts";
import { rawPoll } from "../raw-poll.ts";
import type { Scenario } from "../scenario.ts";
import { shown } from "../world.ts";
import { POLLING } from "../world.ts";
import { WEBSOCKET } from "../world.ts";

export const answers: readonly Scenario[] = [
  {
    name: "the cookie: none, by name, with its options",
    ends: "server",
    async run(w) {
      for (const cookie of [
        false,
        { name: "io", path: "/", httpOnly: true, sameSite: "lax" as const },
        { name: "sid", httpOnly: false, path: "/x", maxAge: 60, secure: true },
      ]) {
        await w.serve({ cookie });
        const { headers } = await w.ask(POLLING);
        const second = await w.polling();
        w.note("wire", "cookie", headers["set-cookie"], (await second.post("40")).headers["set-cookie"]);
      }
    },
  },
  {
    name: "transports: only those of the option are offered and taken",
    ends: "server",
    async run(w) {
      for (const transports of [["websocket"], ["polling"], ["websocket", "polling"]] as const) {
        await w.serve({ transports: [...transports] });
        w.note("wire", "polling", ...shown(await w.ask(POLLING)));
        const upgrade = await w.ask(WEBSOCKET, { headers: upgradeHeaders() });
        w.note("wire", "upgrade", upgrade.status, upgrade.body);
      }
      await w.serve({ allowUpgrades: false });
      w.note("wire", "no upgrades", ...shown(await w.ask(POLLING)));
    },
  },
  {
    name: "a path of its own, other paths, the slash",
    ends: "server",
    host: "node",
    async run(w) {
      await w.serve({ path: "/rt" });
      w.http.on("request", (request, response) => {
        if (!response.headersSent && !request.url?.startsWith("/rt")) response.writeHead(404).end("not here");
      });
      w.note("wire", "own", (await w.ask("/rt/?EIO=4&transport=polling")).status);
      w.note("wire", "usual", ...shown(await w.ask(POLLING)));
      w.note("wire", "root", ...shown(await w.ask("/")));
    },
  },
  {
    name: "answers to polls are compressed when they are large and the client takes it",
    ends: "server",
    async run(w) {
      const io = await w.serve({ httpCompression: { threshold: 100 } });
      io.on("connection", (socket) => {
        socket.emit("small");
        socket.on("large", () => socket.emit("large", "x".repeat(500)));
        socket.on("plain", () => socket.compress(false).emit("plain", "x".repeat(500)));
      });
      const session = await w.polling();
      await session.post("40");
      const poll = async (kind: string): Promise<void> => {
        const { status, headers, raw } = await rawPoll(w.port, session.sid);
        const zipped = headers["content-encoding"] === "gzip";
        const text = (zipped ? gunzipSync(raw) : raw).toString();
        w.note("wire", kind, status, headers["content-encoding"], text.slice(0, 30), text.length);
      };
      await session.get();
      await session.post('42["large"]');
      await poll("large");
      await session.post('42["plain"]');
      await poll("plain");
    },
  },
  {
    name: "perMessageDeflate: off unless it is asked for, and then only large messages",
    ends: "server",
    host: "node",
    async run(w) {
      const offer = upgradeHeaders({
        "sec-websocket-extensions": "permessage-deflate; client_max_window_bits",
      });
      await w.serve();
      const off = await w.ask(WEBSOCKET, { headers: offer });
      w.note("wire", "off", off.status, off.headers["sec-websocket-extensions"]);
      await w.serve({ perMessageDeflate: { threshold: 10 } });
      const on = await w.ask(WEBSOCKET, { headers: offer });
      w.note("wire", "on", on.status, String(on.headers["sec-websocket-extensions"]).split(";")[0]);
    },
  },
  {
    name: "the client's files: which there are, their headers, not modified",
    ends: "server",
    async run(w) {
      await w.serve();
      for (const file of [
        "socket.io.js",
        "socket.io.min.js",
        "socket.io.esm.min.js",
        "socket.io.msgpack.min.js",
      ]) {
        const { status, headers, body } = await w.ask(`/socket.io/${file}`);
        const etag = String(headers["etag"]);
        w.note("wire", file, status, headers["content-type"], headers["cache-control"], body.length > 1_000);
        w.note("wire", "etag", /^(W\/)?"[\w.-]+"$/.test(etag));
        const again = await w.ask(`/socket.io/${file}`, { headers: { "if-none-match": etag } });
        const weak = await w.ask(`/socket.io/${file}?v=1`, { headers: { "if-none-match": `W/${etag}` } });
        w.note("wire", "again", again.status, again.body.length, weak.status);
      }
      const map = await w.ask("/socket.io/socket.io.min.js.map");
      w.note("wire", "map", map.status, map.headers["content-type"]);
      w.note("wire", "none", ...shown(await w.ask("/socket.io/other.js")));
      await w.serve({ serveClient: false });
      w.note("wire", "off", ...shown(await w.ask("/socket.io/socket.io.js")));
    },
  },
  {
    name: "CORS by function, with exposed headers, a maximum age, and a preflight that goes on",
    ends: "server",
    async run(w) {
      const names = [
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-expose-headers",
      ];
      const more = [
        "access-control-max-age",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "vary",
      ];
      await w.serve({
        cors: {
          origin: (origin, decide) => decide(null, origin === "https://good.example"),
          credentials: true,
          exposedHeaders: ["x-a", "x-b"],
          allowedHeaders: ["x-c"],
          maxAge: 60,
          methods: ["GET", "POST"],
        },
      });
      for (const origin of ["https://good.example", "https://bad.example"]) {
        const preflight = await w.ask(POLLING, {
          method: "OPTIONS",
          headers: { origin, "access-control-request-method": "POST" },
        });
        w.note("wire", "preflight", ...shown(preflight, ...names, ...more));
        const answer = await w.ask(POLLING, { headers: { origin } });
        w.note("wire", "answer", ...shown(answer, ...names, ...more).slice(0, 2));
      }
      await w.serve({ cors: { origin: /\.example$/, optionsSuccessStatus: 200 } });
      const preflight = await w.ask(POLLING, { method: "OPTIONS", headers: { origin: "https://x.example" } });
      w.note("wire", "by pattern", ...shown(preflight, ...names, ...more));
    },
  },
];
