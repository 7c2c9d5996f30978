import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { Server, type ServerOptions } from "@bowline/server";
import { call, type HttpAnswer } from "@bowline/server/testing";
import { uwsHost } from "@bowline/server/uws";
import { afterEach, describe, expect, test } from "vitest";
import { listenUws, uwsMissing } from "../uws-app.ts";

const FOLDER = fileURLToPath(new URL("../../packages/server/client-dist/", import.meta.url));
const BUNDLES = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];

const opened: Server[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((io) => io.close()));
});

type Listen = (io: Server) => Promise<number>;

async function onNode(io: Server): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(404).end("the app's"));
  io.attach(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function onUws(io: Server): Promise<number> {
  const { port } = await listenUws((app) => {
    io.attach(uwsHost(app));
    app.any("/*", (response) => {
      response.writeStatus("404 Not Found");
      response.end("the app's");
    });
  });
  return port;
}

const hosts: readonly (readonly [string, Listen])[] = [
  ["node:http", onNode],
  ...(uwsMissing ? [] : [["uWebSockets.js", onUws] as const]),
];

describe.each(hosts)("[K1] on %s the client", (_name, listen) => {
  const serve = async (
    options: ServerOptions = {},
  ): Promise<(path: string, headers?: object) => Promise<HttpAnswer>> => {
    const io = new Server(options);
    opened.push(io);
    const port = await listen(io);
    return (path, headers = {}) => call(port, { path, headers: headers as Record<string, string> });
  };

  test.each(BUNDLES.flatMap((name) => [name, `${name}.map`]))("is served as %s", async (name) => {
    const get = await serve();
    const { status, headers, body } = await get(`/socket.io/${name}?v=1`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": `application/${name.endsWith(".map") ? "json" : "javascript"}; charset=utf-8`,
      "cache-control": "public, max-age=0",
      etag: expect.stringMatching(/^"[\w-]+"$/),
    });
    expect(body.equals(readFileSync(FOLDER + name))).toBe(true);
    if (!name.endsWith(".map")) expect(body.toString()).toContain(`sourceMappingURL=${name}.map`);
  });

  test.each([
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
    ["deflate", inflateSync],
  ] as const)("is compressed by %s where that is accepted", async (encoding, decompress) => {
    const get = await serve();
    for (let time = 0; time < 2; time++) {
      const { headers, body } = await get("/socket.io/socket.io.js", { "accept-encoding": encoding });
      expect(headers["content-encoding"]).toBe(encoding);
      expect(decompress(body).equals(readFileSync(`${FOLDER}socket.io.js`))).toBe(true);
    }
  });

  test("is not sent again to who has it", async () => {
    const get = await serve();
    const { etag } = (await get("/socket.io/socket.io.js")).headers;
    for (const tag of [etag, `W/${etag}`]) {
      const again = await get("/socket.io/socket.io.js", { "if-none-match": tag });
      expect([again.status, again.body.length]).toEqual([304, 0]);
    }
    expect((await get("/socket.io/socket.io.js", { "if-none-match": '"old"' })).status).toBe(200);
  });

  test("is for pages of other origins what `cors` says, and below the server's path", async () => {
    const get = await serve({ path: "/chat", cors: { origin: "https://page.example" } });
    const { status, headers } = await get("/chat/socket.io.js", { origin: "https://page.example" });
    expect([status, headers["access-control-allow-origin"]]).toEqual([200, "https://page.example"]);
    expect((await get("/socket.io/socket.io.js")).body.toString()).toBe("the app's");
  });

  test("is left to the app where serveClient is false, and other names always are", async () => {
    const get = await serve({ serveClient: false });
    expect((await get("/socket.io/socket.io.js")).body.toString()).toBe("the app's");
    const others = await serve();
    for (const path of [
      "/socket.io/",
      "/socket.io/../package.json",
      "/socket.io/x.js",
      "/socket.iox/socket.io.js",
    ]) {
      expect((await others(path)).headers["etag"], path).toBeUndefined();
    }
  });
});

test("[K1] serveClient() reads it and changes it for what is attached to afterwards", async () => {
  const io = new Server();
  opened.push(io);
  expect(io.serveClient()).toBe(true);
  expect(io.serveClient(false)).toBe(io);
  expect(io.serveClient()).toBe(false);
  const port = await onNode(io);
  expect((await call(port, { path: "/socket.io/socket.io.js" })).body.toString()).toBe("the app's");
});
