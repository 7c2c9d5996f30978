import { upgradeHeaders } from "../../interop/wire-scripts.ts";
import type { Response } from "../engine-surface.ts";
import { reportErrors } from "../engine-surface.ts";
import type { Scenario } from "../scenario.ts";
import { shown } from "../world.ts";
import { POLLING } from "../world.ts";
import { WEBSOCKET } from "../world.ts";

export const requests: readonly Scenario[] = [
  {
    name: "connection_error for each refusal: code, message, context",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      reportErrors(w, io);
      const session = await w.polling();
      for (const [path, method] of [
        ["/socket.io/?EIO=4", "GET"],
        ["/socket.io/?EIO=4&transport=tube", "GET"],
        [`${POLLING}&sid=nobody`, "GET"],
        [POLLING, "POST"],
        ["/socket.io/?EIO=3&transport=polling", "GET"],
        [WEBSOCKET, "GET"],
        [`${WEBSOCKET}&sid=${session.sid}`, "GET"],
      ] as const) {
        const body = method === "POST" ? { body: "40" } : {};
        w.note("wire", "answer", ...shown(await w.ask(path, { method, ...body })));
      }
    },
  },
  {
    name: "allowRequest: refused with a message and without, asked once for a session, over polling and an upgrade",
    ends: "server",
    async run(w) {
      const io = await w.serve({
        allowRequest: (request, decide) => {
          const { searchParams } = new URL(request.url ?? "", "http://x");
          w.note("server", "asked", searchParams.get("ask"), request.headers["x-who"]);
          const verdict = searchParams.get("ask");
          setImmediate(() => {
            if (verdict === "message") decide("not you", false);
            else decide(null, verdict === "yes");
          });
        },
      });
      reportErrors(w, io);
      for (const verdict of ["message", "no"]) {
        const polling = await w.ask(`${POLLING}&ask=${verdict}`, { headers: { "x-who": "me" } });
        w.note("wire", "polling", ...shown(polling));
        const upgrade = await w.ask(`${WEBSOCKET}&ask=${verdict}`, { headers: upgradeHeaders() });
        w.note("wire", "upgrade", ...shown(upgrade));
      }
      const { status, body } = await w.ask(`${POLLING}&ask=yes`);
      w.note("wire", "accepted", status, body.slice(0, 8));
      const { sid } = JSON.parse(body.slice(1)) as { sid: string };
      w.note("wire", "later", ...shown(await w.ask(`${POLLING}&sid=${sid}`, { method: "POST", body: "40" })));
    },
  },
  {
    name: "allowRequest refuses a client: what it is told",
    overPolling: false,
    async run(w) {
      await w.serve({ allowRequest: (_, decide) => decide("no entry", false) });
      for (const transports of [["websocket"], ["polling"]] as const) {
        const client = w.dial("/", { transports: [...transports], forceNew: true });
        client.on("connect_error", (error) => {
          w.note("client", "connect_error", error instanceof Error, client.active);
        });
        await w.seen("client", "connect_error");
      }
      await w.seen("client", "connect_error", 2);
    },
  },
  {
    name: "initial_headers and headers: what they add, and to which answers",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      io.engine.on("initial_headers", (headers, request) => {
        headers["x-initial"] = "1";
        headers["set-cookie"] = ["a=1", "b=2"];
        w.note("server", "initial_headers", request.method, typeof request.url);
      });
      io.engine.on("headers", (headers, request) => {
        headers["x-each"] = "2";
        w.note("server", "headers", request.method);
      });
      const session = await w.polling();
      const names = ["x-initial", "x-each", "set-cookie"];
      w.note("wire", "handshake", ...shown(session.opened, ...names).slice(0, 2));
      w.note("wire", "post", ...shown(await session.post("40"), ...names));
      w.note("wire", "poll", ...shown(await session.get(), ...names).slice(0, 2));
    },
  },
  {
    name: "io.engine.use: the order, headers that it sets, answers of its own, errors",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      reportErrors(w, io);
      io.engine.use((request: { method: string; _query?: unknown }, response: Response, next: () => void) => {
        w.note("server", "first", request.method);
        response.setHeader("x-first", "1");
        next();
      });
      io.engine.use((request: { url: string }, response: Response, next: (error?: Error) => void) => {
        w.note("server", "second");
        if (request.url.includes("fail")) next(new Error("failed"));
        else if (request.url.includes("teapot")) {
          response.writeHead(418, { "content-type": "text/x-tea" });
          response.end("short and stout");
        } else next();
      });
      const session = await w.polling();
      w.note("wire", "handshake", ...shown(session.opened, "x-first").slice(0, 2));
      w.note("wire", "post", ...shown(await session.post("40"), "x-first"));
      w.note("wire", "teapot", ...shown(await w.ask(`${POLLING}&teapot=1`), "x-first"));
      w.note("wire", "fail", ...shown(await w.ask(`${POLLING}&fail=1`), "x-first"));
      const upgrade = await w.ask(`${WEBSOCKET}&fail=1`, { headers: upgradeHeaders() });
      w.note("wire", "upgrade fails", ...shown(upgrade, "x-first"));
      const ws = await w.ws();
      w.note("wire", "websocket", String(await ws.next()).slice(0, 8));
    },
  },
  {
    name: "generateId: at once, later, and failing",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      reportErrors(w, io);
      let turn = 0;
      io.engine.generateId = (request) => {
        w.note("server", "generateId", typeof request.url);
        turn += 1;
        if (turn === 1) return "at-once";
        if (turn === 2) return Promise.resolve("later");
        throw new Error("no id");
      };
      for (let time = 0; time < 3; time += 1) {
        const { status, body } = await w.ask(POLLING);
        w.note("wire", "answer", status, body);
      }
      w.note("server", "clients", io.engine.clientsCount, Object.keys(io.engine["clients"]).toSorted());
    },
  },
];
