import type { IncomingMessage, ServerResponse } from "node:http";
import { ask } from "../raw-peer.ts";
import type { ServerOptions } from "../surface.ts";
import { masked, openWebSocket, PollingSession, type Script, seen, upgradeHeaders } from "../wire-scripts.ts";
import type { WireServer } from "../wire-server.ts";

const POLLING = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";
const ORIGIN = { origin: "https://a.example" };
const PREFLIGHT = {
  ...ORIGIN,
  "access-control-request-method": "POST",
  "access-control-request-headers": "x-custom",
};

type Request = IncomingMessage & { _query: Record<string, string> };
type Headers = Record<string, unknown>;

/** `io.engine`, as both have it. */
interface WireEngine {
  on(event: "connection_error", listener: (error: Refusal) => void): unknown;
  on(event: "initial_headers" | "headers", listener: (headers: Headers, request: Request) => void): unknown;
  on(event: "connection", listener: (conn: WireConn) => void): unknown;
  use(
    middleware: (request: Request, response: ServerResponse, next: (error?: unknown) => void) => unknown,
  ): unknown;
  generateId: (request: Request) => unknown;
  readonly clientsCount: number;
}

interface WireConn {
  send(data: string, options?: { compress: boolean }): unknown;
}

interface Refusal {
  readonly req: Request;
  readonly code: number;
  readonly message: string;
  readonly context: Readonly<Record<string, unknown>>;
}

function engineOf({ io }: WireServer): WireEngine {
  return (io as unknown as { engine: WireEngine }).engine;
}

/** Socket.IO's types of the options are narrower than what it takes. */
function options(given: object): ServerOptions {
  return given as ServerOptions;
}

/** An upgrade, accepted or refused. */
async function upgraded(
  server: WireServer,
  path = WEBSOCKET,
  headers: Record<string, string> = {},
): Promise<unknown[]> {
  const {
    status,
    headers: answered,
    body,
  } = await ask(server.port, path, { headers: upgradeHeaders(headers) });
  const kept = Object.entries(answered).filter(([name]) =>
    /^(x-|set-cookie|access-control-|vary)/.test(name),
  );
  return [status, Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1))), body];
}

const refusing: Script = {
  name: "allowRequest refuses with its words, with none, and lets pass; connection_error tells",
  server: options({
    allowRequest: (request: Request, decide: (error: string | null, success: boolean) => void) => {
      const { why } = request._query;
      decide(why ?? null, why === undefined ? request._query["may"] === "1" : false);
    },
  }),
  async run(server) {
    const lines: unknown[] = [];
    engineOf(server).on("connection_error", ({ req, code, message, context }) =>
      lines.push(["refused", req.method, req._query, code, message, { ...context }]),
    );
    for (const more of ["", "&why=go%20away", "&may=1"]) {
      lines.push(seen(await ask(server.port, POLLING + more)), await upgraded(server, WEBSOCKET + more));
    }
    return lines;
  },
};

const errors: Script = {
  name: "connection_error: codes and contexts",
  async run(server) {
    const lines: unknown[] = [];
    engineOf(server).on("connection_error", ({ req, code, message, context }) =>
      lines.push([req.url?.replace(/sid=[\w-]{20}/, "sid=(20)"), code, message, { ...context }]),
    );
    const { port } = server;
    for (const query of ["", "&transport=tube", "&transport=webtransport", "&transport=websocket"]) {
      await ask(port, `/socket.io/?EIO=4${query}`);
    }
    await ask(port, `${POLLING}&sid=nobody`);
    await ask(port, POLLING, { method: "POST", body: "" });
    await ask(port, POLLING.replace("EIO=4", "EIO=3"));
    const { sid } = await PollingSession.open(port);
    await ask(port, `${WEBSOCKET}&sid=${sid}`);
    await ask(port, `${POLLING.replace("EIO=4", "EIO=3")}&sid=${sid}`);
    await ask(port, `${WEBSOCKET.replace("EIO=4", "EIO=3")}&sid=${sid}`, { headers: upgradeHeaders() });
    await ask(port, `${WEBSOCKET}&sid=nobody`, { headers: upgradeHeaders() });
    return lines;
  },
};

const headerEvents: Script = {
  name: "initial_headers and headers: when, of which request, and what they change",
  async run(server) {
    const { port } = server;
    const lines: unknown[] = [];
    const engine = engineOf(server);
    engine.on("initial_headers", (headers, request) => {
      lines.push(["initial", request.method, request._query["transport"]]);
      headers["x-initial"] = "1";
    });
    engine.on("headers", (headers, request) => {
      lines.push(["headers", request.method, request._query["transport"]]);
      headers["x-each"] = "2";
    });
    engine.on("connection", () => lines.push("connection"));
    const session = await PollingSession.open(port);
    const answers = [session.opened, await session.post("40"), await session.get()];
    answers.push(await session.method("PUT"), await ask(port, `${POLLING}&sid=nobody`));
    for (const { status, headers } of answers) lines.push([status, headers["x-initial"], headers["x-each"]]);
    lines.push(await upgraded(server), await upgraded(server, `${WEBSOCKET}&sid=nobody`));
    return lines;
  },
};

const middleware: Script = {
  name: "engine middleware: headers, an answer of its own, a failure",
  async run(server) {
    const { port } = server;
    const lines: unknown[] = [];
    const engine = engineOf(server);
    engine.on("connection_error", ({ code, message, context }) =>
      lines.push([code, message, { ...context }]),
    );
    engine.use((request, response, next) => {
      response.setHeader("X-Mine", request._query["transport"] ?? "none");
      if (request._query["own"]) return response.writeHead(402, { "X-Own": "1" }).end("mine");
      return next(request._query["fail"] ? new Error("no") : undefined);
    });
    const view = ({ headers, ...answer }: Awaited<ReturnType<typeof ask>>): unknown => [
      seen({ headers, ...answer }),
      headers["x-mine"],
      headers["x-own"],
    ];
    for (const more of ["", "&fail=1", "&own=1", "&sid=nobody"])
      lines.push(view(await ask(port, POLLING + more)));
    const session = await PollingSession.open(port);
    lines.push(
      view(await session.post("40")),
      view(await session.get()),
      view(await session.method("DELETE")),
    );
    lines.push(await upgraded(server), await upgraded(server, `${WEBSOCKET}&fail=1`));
    return lines;
  },
};

const ids: Script = {
  name: "generateId: at once, later, failing",
  async run(server) {
    const { port } = server;
    const engine = engineOf(server);
    const lines: unknown[] = [];
    engine.on("connection_error", ({ code, message, context }) =>
      lines.push([code, message, context["name"], String(context["error"])]),
    );
    engine.generateId = (request) => `at-once-${request._query["n"]}`;
    lines.push((await ask(port, `${POLLING}&n=1`)).body);
    engine.generateId = async (request) => Promise.resolve(`later-${request._query["n"]}`);
    lines.push((await ask(port, `${POLLING}&n=2`)).body);
    const socket = await openWebSocket(server, "&n=3");
    lines.push(await socket.next());
    socket.terminate();
    engine.generateId = () => Promise.reject(new Error("no"));
    lines.push(seen(await ask(port, POLLING)));
    return lines;
  },
};

function cookieScript(name: string, cookie: object | boolean): Script {
  return {
    name: `the cookie: ${name}`,
    server: options({ cookie }),
    async run(server) {
      const session = await PollingSession.open(server.port);
      const hidden = (value: unknown): string => JSON.stringify(value ?? null).replace(session.sid, "(sid)");
      const lines: unknown[] = [hidden(session.opened.headers["set-cookie"])];
      lines.push(hidden((await session.post("40")).headers["set-cookie"]));
      return [...lines, ...(await upgraded(server))];
    },
  };
}

const cookies = [
  cookieScript("true", true),
  cookieScript("false", false),
  cookieScript("a name", { name: "lb" }),
  cookieScript("everything", {
    name: "lb",
    path: "/x",
    domain: "a.example",
    maxAge: 86_400.5,
    httpOnly: false,
    sameSite: "strict",
    secure: true,
    expires: new Date(0),
    partitioned: true,
    priority: "low",
  }),
];

const ACCEPT = [
  undefined,
  "gzip",
  "deflate",
  "br",
  "gzip, deflate",
  "deflate, gzip",
  "gzip;q=0.5, deflate;q=0.8",
  "gzip;q=0, deflate;q=0",
  "*",
  "gzip;q=0, *",
  "identity, gzip;q=0.1",
  "GZIP",
];

function compressionScript(name: string, httpCompression: unknown): Script {
  return {
    name: `httpCompression: ${name}`,
    server: options(httpCompression === undefined ? {} : { httpCompression }),
    async run(server) {
      const lines: unknown[] = [];
      let conn: WireConn | undefined;
      engineOf(server).on("connection", (opened) => (conn = opened));
      const session = await PollingSession.open(server.port);
      const path = `${POLLING}&sid=${session.sid}`;
      for (const accept of ACCEPT) {
        for (const [bytes, compress] of [
          [900, true],
          [1200, true],
          [1200, false],
        ] as const) {
          conn?.send("x".repeat(bytes), { compress });
          const headers = accept === undefined ? {} : { "accept-encoding": accept };
          const answer = await ask(server.port, path, { headers });
          lines.push([accept, bytes, compress, answer.status, answer.headers["content-encoding"]]);
        }
      }
      return lines;
    },
  };
}

const compressions = [
  compressionScript("the default", undefined),
  compressionScript("false", false),
  compressionScript("a threshold of 1 000", { threshold: 1000 }),
];

/** uWebSockets.js writes the parameters otherwise; that there is compression is what counts. */
function deflateScript(name: string, perMessageDeflate: unknown): Script {
  return {
    name: `perMessageDeflate: ${name}`,
    server: options({ perMessageDeflate }),
    async run({ port }) {
      const offers = [undefined, "permessage-deflate", "permessage-deflate; client_max_window_bits"];
      const lines: unknown[] = [];
      for (const offer of offers) {
        const headers = upgradeHeaders(offer === undefined ? {} : { "sec-websocket-extensions": offer });
        const answer = await ask(port, WEBSOCKET, { headers });
        const extensions = answer.headers["sec-websocket-extensions"];
        lines.push([offer, answer.status, String(extensions).split(";", 1)[0]]);
      }
      return lines;
    },
  };
}

const initial: Script = {
  name: "the initial packet",
  server: options({ initialPacket: "hello" }),
  async run(server) {
    const socket = await openWebSocket(server);
    const lines = [masked(String(await socket.next())), String(await socket.next())];
    socket.terminate();
    return [...lines, masked((await ask(server.port, POLLING)).body)];
  },
};

const CORS: readonly (readonly [string, unknown])[] = [
  ["true", true],
  ["undefined for an origin", { origin: undefined }],
  ["no origin at all", { origin: false }],
  ["any, reflected", { origin: true, credentials: true }],
  ["an expression", { origin: /a\.example$/ }],
  [
    "headers and methods as lists",
    { allowedHeaders: ["a", "b"], exposedHeaders: ["c", "d"], methods: ["GET"] },
  ],
  ["headers as text, under the older name", { headers: "a,b", exposedHeaders: "c" }],
  ["an empty list of headers", { allowedHeaders: [], exposedHeaders: [] }],
  ["an age of none", { maxAge: 0 }],
  ["an age as text", { maxAge: "60" }],
  ["another status", { optionsSuccessStatus: 200 }],
  ["a preflight that goes on", { preflightContinue: true, origin: "https://a.example" }],
  [
    "an origin that is asked for",
    { origin: (_o: unknown, answer: (e: null, ok: boolean) => void) => answer(null, true) },
  ],
  [
    "an origin that is refused",
    { origin: (_o: unknown, answer: (e: null, ok: boolean) => void) => answer(null, false) },
  ],
  [
    "an origin function that fails",
    { origin: (_o: unknown, answer: (e: Error) => void) => answer(new Error("no")) },
  ],
  [
    "a function of the request",
    (request: Request, answer: (error: null, options: object) => void) =>
      answer(null, { origin: request._query["o"] ?? "*" }),
  ],
];

function corsScript([name, cors]: (typeof CORS)[number]): Script {
  return {
    name: `CORS: ${name}`,
    server: options({ cors }),
    async run(server) {
      const lines: unknown[] = [];
      for (const more of ["", "&o=https://o.example"]) {
        for (const ask2 of [{ method: "OPTIONS", headers: PREFLIGHT }, { headers: ORIGIN }, {}]) {
          lines.push(seen(await ask(server.port, POLLING + more, ask2)));
        }
      }
      return [...lines, ...(await upgraded(server, WEBSOCKET, ORIGIN))];
    },
  };
}

const METHODS = ["HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

const methods: Script = {
  name: "every method, with a session and without, and content types of a POST",
  async run({ port }) {
    const lines: unknown[] = [];
    for (const method of METHODS) {
      lines.push([method, seen(await ask(port, POLLING, { method }))]);
      if (method !== "GET" && method !== "POST") {
        const session = await PollingSession.open(port);
        lines.push([method, seen(await session.method(method)), seen(await session.post("40"))]);
      }
    }
    for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded", ""]) {
      const session = await PollingSession.open(port);
      lines.push([type, seen(await session.post("40", { "content-type": type }))]);
      lines.push(masked((await session.get()).body));
    }
    return lines;
  },
};

export const engineScripts: readonly Script[] = [
  ...[refusing, errors, headerEvents, middleware, ids, ...cookies, ...compressions],
  ...[deflateScript("the default", undefined), deflateScript("true", true), deflateScript("false", false)],
  ...[initial, ...CORS.map(corsScript), methods],
];
