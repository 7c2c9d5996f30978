import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ClientOptions, io, type Socket } from "@bowline/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const OPEN = '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';

/** A server of streams that says what a test tells it to. */
let server: Server;
let gets: { readonly request: IncomingMessage; readonly response: ServerResponse }[];
let posts: { readonly url: string; readonly body: string }[];
/** How the next POSTs are answered; `reset` takes the POST and gives no answer. */
let answers: (number | "reset")[];
let sockets: Socket[];

beforeEach(async () => {
  [gets, posts, answers, sockets] = [[], [], [], []];
  server = createServer((request, response) => {
    if (request.method === "GET") return stream(request, response);
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      posts.push({ url: request.url ?? "", body });
      const status = answers.shift() ?? 200;
      if (status === "reset") response.socket?.resetAndDestroy();
      else response.writeHead(status).end("ok");
      server.emit("post");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => {
  for (const socket of sockets) socket.disconnect();
  server.closeAllConnections();
  server.close();
});

function stream(request: IncomingMessage, response: ServerResponse): void {
  gets.push({ request, response });
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  if (gets.length === 1) response.write(`data:${OPEN}\n\ndata:6\n\n`);
  else response.write(":\n\n");
  server.emit("get");
}

function dial(options: ClientOptions = {}): Socket {
  const { port } = server.address() as AddressInfo;
  const socket = io(`http://127.0.0.1:${port}`, { forceNew: true, transports: ["sse"], ...options });
  sockets.push(socket);
  return socket;
}

async function connected(options?: ClientOptions): Promise<Socket> {
  const connecting = dial(options);
  await once(server, "post");
  gets[0]?.response.write('data:40{"sid":"x"}\n\n');
  await once(connecting as never, "connect");
  return connecting;
}

describe("our client on Node, over a stream", () => {
  test("[V36] characters that come in two parts are whole", async () => {
    const socket = await connected();
    const heard = once(socket as never, "say");
    const bytes = Buffer.from('data:42["say","a\u{1f600}é"]\n\n');
    const response = gets[0]?.response;
    const at = bytes.indexOf(0xf0) + 2;
    await new Promise((done) => response?.write(bytes.subarray(0, at), done));
    response?.write(bytes.subarray(at));
    expect(await heard).toEqual(["a\u{1f600}é"]);
  });

  test("[V32] goes on in the next response, and a cut one ends the connection", async () => {
    const socket = await connected();
    const next = once(server, "get");
    gets[0]?.response.end('data:42["say",1]\n\nevent: end\n\n');
    await next;
    expect(gets[1]?.request.url).toMatch(/&sid=s&from=4&/);
    const heard = once(socket as never, "say");
    gets[1]?.response.write('data:42["say",2]\n\n');
    expect(await heard).toEqual([2]);
    const ended = once(socket as never, "disconnect");
    gets[1]?.response.socket?.resetAndDestroy();
    expect((await ended)[0]).toBe("transport error");
  });

  test("[V33] a POST whose answer was lost is sent again, with the same number", async () => {
    const socket = await connected();
    answers.push("reset", 502);
    socket.emit("say", 1);
    for (let count = 0; count < 3; count++) await once(server, "post");
    const query = (url: string): string => url.replace(/&t=[\d.]*/, "");
    expect(posts.slice(1).map(({ url, body }) => [query(url), body])).toEqual(
      Array.from({ length: 3 }, () => ["/socket.io/?EIO=4&transport=sse&sid=s&seq=2", '42["say",1]']),
    );
    expect(socket.connected).toBe(true);
  });

  test("[V36] a connection that ends with the last text of a response fails nowhere else", async () => {
    const socket = await connected({ reconnection: false });
    const reason = new Promise((resolve) => socket.once("disconnect", resolve));
    const failures: unknown[] = [];
    const note = (error: unknown): unknown => failures.push(error);
    process.on("uncaughtException", note);
    gets[0]?.response.end("data:1\n\n");
    expect(await reason).toBe("transport close");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("uncaughtException", note);
    expect(failures).toEqual([]);
  });

  test("[V30] kept connections that died unheard do not keep a session from opening", async () => {
    const agent = new Agent({ keepAlive: true });
    const socket = await connected({ agent });
    socket.disconnect();
    await expect.poll(() => Object.values(agent.freeSockets).flat().length).toBeGreaterThan(0);
    server.closeAllConnections();
    gets.length = 0;
    await connected({ agent, reconnection: false });
    expect(gets).toHaveLength(1);
    agent.destroy();
  });

  test("[V30] one that is cut when the session is open opens no second one, and fails nowhere else", async () => {
    const failures: unknown[] = [];
    const note = (error: unknown): unknown => failures.push(error);
    process.on("unhandledRejection", note);
    const agent = new Agent({ keepAlive: true });
    const first = await connected({ agent });
    first.disconnect();
    await expect.poll(() => Object.values(agent.freeSockets).flat().length).toBeGreaterThan(0);
    gets.length = 0;
    const socket = await connected({ agent, reconnection: false });
    const reason = new Promise((resolve) => socket.once("disconnect", resolve));
    gets[0]?.response.socket?.resetAndDestroy();
    expect(await reason).toBe("transport error");
    gets.length = 0;
    // What is asked again is asked before this.
    await connected({ agent, reconnection: false });
    process.off("unhandledRejection", note);
    expect([gets.length, failures]).toEqual([1, []]);
    agent.destroy();
  });

  test("[V36] has the agent, the headers and the cookies of the options", async () => {
    const agent = new Agent();
    server.prependListener("request", (_request, response) => response.setHeader("Set-Cookie", "lb=1"));
    await connected({ agent, extraHeaders: { a: "b" }, withCredentials: true });
    expect(gets[0]?.request.headers).toMatchObject({ a: "b", accept: "text/event-stream" });
    expect(Object.keys(agent.sockets)).toHaveLength(1);
    const next = once(server, "get");
    gets[0]?.response.end("event: end\n\n");
    await next;
    expect(gets[1]?.request.headers.cookie).toBe("lb=1");
    agent.destroy();
  });
});
