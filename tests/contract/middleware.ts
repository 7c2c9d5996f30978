import { EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import { Server } from "@bowline/server";
import { call, type HostUnderTest, StreamClient, WebSocketClient } from "@bowline/server/testing";
import { io as connect, type Socket as StockClient } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

type Middleware = Parameters<Server["engine"]["use"]>[0];
type MakeMiddleware = (options?: object) => Middleware;

const require = createRequire(import.meta.url);
const cookieParser = require("cookie-parser") as MakeMiddleware;
const cors = require("cors") as MakeMiddleware;
const express = require("express") as () => Middleware & { use(middleware: Middleware): void };
const session = require("express-session") as MakeMiddleware;
const { default: helmet } = require("helmet") as { default: MakeMiddleware };

const POLLING = "/socket.io/?EIO=4&transport=polling";
const SSE = "/socket.io/?EIO=4&transport=sse";
const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";

/** What express-session puts on a request. */
interface WithSession {
  session?: { visits?: number; save(done: () => void): void };
  sessionID?: string;
  cookies?: Record<string, string>;
}

const setHeader: Middleware = (_request, response, next) => {
  response.setHeader("X-Mine", "set");
  next();
};
const remember: Middleware = (request, _response, next) => {
  const { session: held } = request as WithSession;
  if (held) held.visits = (held.visits ?? 0) + 1;
  next();
};

/** Middleware that was written for Express, on every request and every upgrade. */
export function middlewareTest(host: HostUnderTest): void {
  describe(`engine.use on ${host.name}`, () => {
    let io: Server;
    let port: number;
    let errors: unknown[];
    beforeEach(async () => {
      errors = [];
      io = new Server({ onError: (error) => errors.push(error) });
      port = await host.listen((attached) => io.attach(attached));
    });
    afterEach(() => io.close());

    const upgrade = async (headers: Record<string, string> = {}): Promise<WebSocketClient> => {
      const client = new WebSocketClient(port, WEBSOCKET, { headers });
      await Promise.race([client.opened, client.refused, client.closed]);
      return client;
    };
    /** The headers with which an upgrade is answered. */
    const upgradeHeaders = async (): Promise<NodeJS.Dict<string | string[]>> => {
      const client = new WebSocketClient(port, WEBSOCKET);
      const [response] = (await once(client.socket, "upgrade")) as [
        { headers: NodeJS.Dict<string | string[]> },
      ];
      client.socket.terminate();
      return response.headers;
    };

    test("[E34] they run in order, each after the next() of the one before, on handshakes, polls, POSTs and upgrades", async () => {
      const order: string[] = [];
      io.engine.use(async (request, _response, next) => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`first ${request.method}`);
        next();
        next(new Error("a second call is ignored"));
      });
      io.engine.use((_request, _response, next) => {
        order.push("second");
        next();
      });
      const { body } = await call(port, { path: POLLING });
      const path = `${POLLING}&sid=${/"sid":"([^"]+)/.exec(body.toString())?.[1]}`;
      expect((await call(port, { method: "POST", path, body: "40" })).body.toString()).toBe("ok");
      await call(port, { path });
      (await upgrade()).socket.terminate();
      expect(order).toEqual(["GET", "POST", "GET", "GET"].flatMap((method) => [`first ${method}`, "second"]));
      expect(errors).toEqual([]);
    });

    test("[E34] headers that they set are in every answer, refusals included, and in the answer to an upgrade", async () => {
      io.engine.use(setHeader);
      io.engine.use((_request, response, next) => {
        response.setHeader("X-Gone", "1");
        response.removeHeader("X-Gone");
        response.setHeader("X-List", ["1", "2"]);
        next();
      });
      for (const path of [POLLING, "/socket.io/?EIO=4&transport=tube"]) {
        const { headers } = await call(port, { path });
        expect([headers["x-mine"], headers["x-list"], headers["x-gone"]]).toEqual(["set", "1, 2", undefined]);
      }
      const headers = await upgradeHeaders();
      expect([headers["x-mine"], headers["x-list"], headers["x-gone"]]).toEqual(["set", "1, 2", undefined]);
    });

    test("[V2, H26] they stand before streams too, and what they save at the end of an answer is saved", async () => {
      io.engine.use(session({ secret: "s", resave: false, saveUninitialized: true }));
      io.engine.use(remember);
      io.engine.use(setHeader);
      const finished: string[] = [];
      io.engine.use((_request, response, next) => {
        response.once("finish", () => finished.push("finish"));
        response.once("close", () => finished.push("close"));
        next();
      });
      const client = new StreamClient(port, { path: SSE });
      const { headers } = await client.answered;
      expect([headers["x-mine"], headers["content-type"]]).toEqual([
        "set",
        "text/event-stream; charset=utf-8",
      ]);
      const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
      expect(cookie).toMatch(/^connect\.sid=/);
      await client.until("data:6");
      expect(finished).toEqual([]);
      const [conn] = Object.values(io.engine.clients);
      expect((conn?.request as WithSession | undefined)?.session?.visits).toBe(1);
      conn?.close();
      expect(await client.ended).toBe("whole");
      await vi.waitFor(() => expect(finished).toEqual(["finish", "close"]));
      const again = new StreamClient(port, { path: SSE, headers: { cookie } });
      await again.until("data:0");
      const [next] = Object.values(io.engine.clients);
      expect((next?.request as WithSession | undefined)?.session?.visits).toBe(2);
      again.leave();
      expect(errors).toEqual([]);
    });

    test("[E34] one that answers by itself has answered: nothing comes of the request", async () => {
      io.engine.use((_request, response) => {
        response.writeHead(418, { "X-Mine": "teapot" });
        response.write("short ");
        response.end("and stout");
      });
      const { status, headers, body } = await call(port, { path: POLLING });
      expect([status, headers["x-mine"], body.toString()]).toEqual([418, "teapot", "short and stout"]);
      const refused = await (await upgrade()).refused;
      expect([refused.status, refused.headers["x-mine"], refused.body.toString()]).toEqual([
        418,
        "teapot",
        "short and stout",
      ]);
      expect([io.engine.clientsCount, errors]).toEqual([0, []]);
    });

    test("[E34] one that answers and goes on has answered all the same", async () => {
      io.engine.use((_request, response, next) => {
        response.end("mine");
        next();
      });
      expect((await call(port, { path: POLLING })).body.toString()).toBe("mine");
      expect((await (await upgrade()).refused).body.toString()).toBe("mine");
      expect([io.engine.clientsCount, errors]).toEqual([0, []]);
    });

    test.each<[string, Middleware]>([
      ["passes an error on", (_request, _response, next) => next(new Error("no"))],
      [
        "throws",
        () => {
          throw new Error("no");
        },
      ],
      ["rejects", () => Promise.reject(new Error("no"))],
    ])("[E35] one that %s refuses: code 3, MIDDLEWARE_FAILURE", async (_how, middleware) => {
      io.engine.use(middleware);
      const told: unknown[] = [];
      io.engine.on("connection_error", ({ code, message, context }) => told.push([code, message, context]));
      const { status, body } = await call(port, { path: POLLING });
      expect([status, body.toString()]).toEqual([400, '{"code":3,"message":"Bad request"}']);
      const refused = await (await upgrade()).refused;
      expect([refused.status, refused.body.toString()]).toEqual([400, "Bad request"]);
      const refusal = [3, "Bad request", { name: "MIDDLEWARE_FAILURE" }];
      expect(told).toEqual([refusal, refusal]);
      expect(errors.map(String)).toEqual(["Error: no", "Error: no"]);
    });

    test("[E35] one that fails after it began to answer leaves what it answered", async () => {
      io.engine.use((_request, response, next) => {
        response.writeHead(200, { "Content-Type": "text/plain" });
        response.write("half");
        next(new Error("no"));
      });
      const { status, body } = await call(port, { path: POLLING });
      expect([status, body.toString()]).toEqual([200, "half"]);
    });

    test("[E36] who waits for the response to finish, or to close, hears of it", async () => {
      const heard = new EventEmitter();
      io.engine.use((request, response, next) => {
        const what = request.headers.upgrade ? "upgrade" : "request";
        response.once("finish", () => heard.emit(`${what} finish`, response.statusCode));
        response.once("close", () => heard.emit(`${what} close`));
        next();
      });
      const finished = once(heard, "request finish");
      const closed = once(heard, "request close");
      await call(port, { path: POLLING });
      expect(await finished).toEqual([200]);
      await closed;
      const over = once(heard, "upgrade close");
      (await upgrade()).socket.close();
      await over;
    });

    test("[E36] express-session, cookie-parser, cors and helmet do what they do in Express", async () => {
      io.engine.use(helmet());
      io.engine.use(cors({ origin: "https://a.example", credentials: true }));
      io.engine.use(cookieParser());
      io.engine.use(session({ secret: "test", resave: false, saveUninitialized: true }));
      io.engine.use(remember);
      const { headers } = await call(port, { path: POLLING });
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
      });
      expect(headers["set-cookie"]?.[0]).toMatch(/^connect\.sid=/);
      const upgraded = await upgradeHeaders();
      expect(upgraded["x-content-type-options"]).toBe("nosniff");
      expect(String(upgraded["set-cookie"])).toMatch(/^connect\.sid=/);
      expect(errors).toEqual([]);
    });

    test("[E36] the session of express-session is kept over polls, and seen by the socket", async () => {
      io.engine.use(cookieParser());
      io.engine.use(session({ secret: "test", resave: false, saveUninitialized: true }));
      io.engine.use(remember);
      const { headers } = await call(port, { path: POLLING });
      const cookie = String(headers["set-cookie"]?.[0]).split(";", 1)[0] ?? "";
      const seen = new Promise<WithSession>((resolve) =>
        io.engine.on("connection", ({ request }) => resolve(request as WithSession)),
      );
      const client: StockClient = connect(`http://127.0.0.1:${port}`, {
        extraHeaders: { cookie },
        forceNew: true,
      });
      await once(client as unknown as EventEmitter, "connect");
      const { session: held, sessionID, cookies } = await seen;
      expect(held?.visits).toBeGreaterThanOrEqual(2);
      expect(cookies?.["connect.sid"]).toContain(sessionID);
      client.disconnect();
      expect(errors).toEqual([]);
    });

    test("[E36] a whole Express app is a middleware as well", async () => {
      const app = express();
      app.use(setHeader);
      io.engine.use(app);
      expect((await call(port, { path: POLLING })).headers).toMatchObject({
        "x-mine": "set",
        "x-powered-by": "Express",
      });
      expect(await upgradeHeaders()).toMatchObject({ "x-mine": "set" });
      expect(errors).toEqual([]);
    });
  });
}
