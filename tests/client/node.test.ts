import { execFile } from "node:child_process";
import { Agent, createServer, type IncomingMessage } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server as NetServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ClientOptions, io, type Socket } from "@bowline/client";
import { Server } from "socket.io";
import { afterEach, describe, expect, test } from "vitest";
import { certificate } from "../certificate.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Socket.IO's server; what it was asked is in `requests`. */
async function listen(http: NetServer, transports: ("polling" | "websocket")[]): Promise<Place> {
  const server = new Server(http as never, { transports });
  server.on("connection", (socket) => socket.on("ask", (answer: (text: string) => void) => answer("yes")));
  const requests: IncomingMessage[] = [];
  server.engine.use((request: IncomingMessage, _response: unknown, next: () => void) => {
    requests.push(request);
    next();
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return { server, requests, port: (http.address() as AddressInfo).port };
}

interface Place {
  readonly server: Server;
  readonly requests: IncomingMessage[];
  readonly port: number;
}

function dial(url: string, options: ClientOptions): Socket {
  const socket = io(url, { forceNew: true, reconnection: false, ...options });
  closing.push(() => socket.disconnect());
  return socket;
}

function outcome(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on("connect", () => resolve("connected"));
    socket.on("connect_error", ({ message }) => resolve(message));
  });
}

describe.each(["polling", "websocket"] as const)("our client on Node, %s", (transport) => {
  const secure = (): NetServer => createSecureServer(certificate);

  test("[C71] a certificate that nobody vouches for is refused", async () => {
    const { port } = await listen(secure(), [transport]);
    expect(await outcome(dial(`https://localhost:${port}`, { transports: [transport] }))).toMatch(
      /self-signed certificate/,
    );
  });

  test.each<[ClientOptions]>([[{ ca: certificate.cert }], [{ rejectUnauthorized: false }]])(
    "[C71] it is taken by who knows it, and by who does not care: %#",
    async (options) => {
      const { port } = await listen(secure(), [transport]);
      const socket = dial(`https://localhost:${port}`, { transports: [transport], ...options });
      expect(await outcome(socket)).toBe("connected");
      expect(await socket.emitWithAck("ask")).toBe("yes");
    },
  );

  test("[C71] checkServerIdentity is asked", async () => {
    const { port } = await listen(secure(), [transport]);
    const checkServerIdentity = (): Error => new Error("not the one");
    const options = { transports: [transport], ca: certificate.cert, checkServerIdentity };
    expect(await outcome(dial(`https://localhost:${port}`, options))).toMatch(/not the one/);
  });

  test("[C71] the agent makes the connections", async () => {
    const { port } = await listen(createServer(), [transport]);
    let made = 0;
    const agent = new (class extends Agent {
      override createConnection(
        ...args: Parameters<Agent["createConnection"]>
      ): ReturnType<Agent["createConnection"]> {
        made++;
        return super.createConnection(...args);
      }
    })();
    expect(await outcome(dial(`http://127.0.0.1:${port}`, { transports: [transport], agent }))).toBe(
      "connected",
    );
    expect(made).toBeGreaterThan(0);
    agent.destroy();
  });

  test("[C71] extraHeaders go along, with what cookies there are", async () => {
    const { port, requests } = await listen(createServer(), [transport]);
    const extraHeaders = { "X-Token": "t", Cookie: "own=1" };
    await outcome(dial(`http://127.0.0.1:${port}`, { transports: [transport], extraHeaders }));
    expect(requests[0]?.headers).toMatchObject({ "x-token": "t", cookie: "own=1" });
  });
});

describe("our client on Node", () => {
  test.each([true, false])(
    "[C71] with withCredentials: %s it sends back the balancer's cookies",
    async (kept) => {
      const { server, port, requests } = await listen(createServer(), ["polling", "websocket"]);
      server.engine.on("initial_headers", (headers: Record<string, unknown>) => {
        headers["set-cookie"] = ["node=7; Path=/; HttpOnly", "gone=1; Max-Age=0", 'quoted="x y"'];
      });
      const socket = dial(`http://127.0.0.1:${port}`, {
        transports: ["polling", "websocket"],
        withCredentials: kept,
        extraHeaders: { cookie: "own=1" },
      });
      await new Promise((resolve) => socket.io.engine.once("upgrade", resolve));
      const [handshake, ...others] = requests.map(({ headers }) => headers.cookie);
      expect(handshake).toBe("own=1");
      expect(new Set(others)).toEqual(new Set([kept ? "own=1; node=7; quoted=x y" : "own=1"]));
      expect(
        requests.at(-1)?.headers.upgrade ?? requests.find(({ headers }) => headers.upgrade),
      ).toBeTruthy();
    },
  );

  test("[C71] perMessageDeflate compresses when the server does", async () => {
    const http = createServer();
    const server = new Server(http, { transports: ["websocket"], perMessageDeflate: { threshold: 0 } });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    const { port } = http.address() as AddressInfo;
    const extensions = (socket: Socket): unknown =>
      Reflect.get(Object(Reflect.get(socket.io.engine.transport, "ws")), "extensions");
    const plain = dial(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
    expect([await outcome(plain), extensions(plain)]).toEqual(["connected", ""]);
    const deflating = dial(`http://127.0.0.1:${port}`, {
      transports: ["websocket"],
      perMessageDeflate: true,
    });
    expect([await outcome(deflating), extensions(deflating)]).toEqual(["connected", "permessage-deflate"]);
  });

  test("[C71] a redirect of the handshake is followed", async () => {
    const { port } = await listen(createServer(), ["polling"]);
    const front = createServer((request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}${request.url}` }).end();
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    closing.push(() => front.close());
    const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
    expect(await outcome(dial(url, { transports: ["polling"] }))).toBe("connected");
  });

  test.each(["polling", "websocket"])("[C71] autoUnref lets the process end, %s", async (transport) => {
    const { port } = await listen(createServer(), ["polling", "websocket"]);
    const script = `
      import { io } from "@bowline/client";
      const socket = io("http://127.0.0.1:${port}", { autoUnref: true, transports: ["${transport}"] });
      const alive = setTimeout(() => {}, 5000);
      socket.on("connect", () => { console.log("connected"); clearTimeout(alive); });
    `;
    const args = ["--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      timeout: 8000,
      cwd: fileURLToPath(new URL("..", import.meta.url)),
    });
    expect(stdout).toBe("connected\n");
  });
});
