import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { nodeHost } from "@bowline/server/node";
import { call, RawClient, RecordingHandler, StreamClient, upgradeRequest } from "@bowline/server/testing";
import { afterEach, expect, test } from "vitest";

const DESTROY_MS = 50;
const servers: Server[] = [];

function start(
  server: Server,
  handler = new RecordingHandler(),
  path = "/io",
  destroyUpgradeAfterMs: number | false = DESTROY_MS,
) {
  return nodeHost(server).start(handler, { path, maxPayload: 1000, destroyUpgradeAfterMs, onError() {} });
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

test("[H11] the request listeners that were there keep every other path, and never see ours", async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url);
    response.end("theirs");
  });
  start(server);
  const port = await listen(server);
  const bodies = [];
  for (const path of ["/", "/io", "/io/", "/iox"])
    bodies.push((await call(port, { path })).body.toString("utf8"));
  expect(bodies).toEqual(["theirs", "hello", "hello", "theirs"]);
  expect(seen).toEqual(["/", "/iox"]);
});

test("[H11] a listener that comes later is not answered over", async () => {
  const server = createServer();
  start(server);
  server.on("request", (request, response) => {
    if (request.url === "/later") response.end("later");
  });
  const port = await listen(server);
  expect((await call(port, { path: "/later" })).body.toString("utf8")).toBe("later");
  expect((await call(port, { path: "/io" })).body.toString("utf8")).toBe("hello");
});

test("[H11] two servers share one HTTP server, each on its path", async () => {
  const server = createServer((_request, response) => response.end("theirs"));
  for (const name of ["one", "two"]) {
    const handler = new RecordingHandler();
    handler.answer = () => ({ status: 200, body: name });
    start(server, handler, `/${name}`);
  }
  const port = await listen(server);
  const bodies = [];
  for (const path of ["/one", "/two", "/"]) bodies.push((await call(port, { path })).body.toString("utf8"));
  expect(bodies).toEqual(["one", "two", "theirs"]);
});

test("[H11] an upgrade that somebody else answers is left to them", async () => {
  const server = createServer();
  server.on("upgrade", (request, socket) => {
    if (request.url === "/theirs") socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\ntheirs");
  });
  start(server);
  const client = new RawClient(await listen(server));
  client.write(upgradeRequest("/theirs"));
  await client.until("theirs");
  await new Promise((resolve) => setTimeout(resolve, DESTROY_MS * 2));
  expect(client.socket.destroyed).toBe(false);
  client.reset();
});

test("[H11] an upgrade that nobody answers is cut after its time, or left alone if that is wished", async () => {
  const server = createServer();
  start(server);
  const client = new RawClient(await listen(server));
  const before = performance.now();
  client.write(upgradeRequest("/nobody"));
  await client.closed;
  expect(performance.now() - before).toBeGreaterThanOrEqual(DESTROY_MS - 5);

  const patient = createServer();
  start(patient, new RecordingHandler(), "/io", false);
  const waiting = new RawClient(await listen(patient));
  waiting.write(upgradeRequest("/nobody"));
  await new Promise((resolve) => setTimeout(resolve, DESTROY_MS * 2));
  expect(waiting.socket.destroyed).toBe(false);
  waiting.reset();
});

test("[H12] after stop the HTTP server is as it was, and can listen again", async () => {
  const theirs = (): void => {};
  const server = createServer(theirs);
  const link = start(server);
  await listen(server);
  await link.stop();
  expect([server.listening, server.listeners("request"), server.listenerCount("upgrade")]).toEqual([
    false,
    [theirs],
    0,
  ]);
});

test("[H27] a stream is cut when the host stops, though a neighbour's request is waited for", async () => {
  const held: ServerResponse[] = [];
  const server = createServer((_request, response) => held.push(response));
  const handler = new RecordingHandler();
  handler.answer = () => handler.streaming({ status: 200 }, ({ stream }) => stream.write("hello"));
  const link = start(server, handler);
  const port = await listen(server);
  const theirs = call(port, { path: "/theirs" });
  const client = new StreamClient(port, { path: "/io" });
  await client.until("hello");
  const stopped = link.stop();
  expect(await client.ended).toBe("broken");
  held[0]?.end("theirs");
  expect((await theirs).body.toString()).toBe("theirs");
  await stopped;
});

test("[H12] stop of a server that never listened is done at once", async () => {
  await start(createServer()).stop();
});

test("[H9] who goes on sending a body that was refused is cut", async () => {
  const server = createServer();
  const handler = new RecordingHandler();
  handler.answer = (request) =>
    request.body().then(
      () => ({ status: 200 }),
      () => ({ status: 413 }),
    );
  start(server, handler);
  const client = new RawClient(await listen(server));
  client.write("POST /io HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
  const piece = Buffer.alloc(1000);
  const flood = setInterval(() => client.write(piece), 20);
  expect(await client.until("\r\n\r\n")).toContain("413");
  await client.closed;
  clearInterval(flood);
});
