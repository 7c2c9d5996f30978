import { expect } from "vitest";
import type { Row } from "../row.ts";
import { once } from "../wait.ts";

const authObject: Row = {
  name: "the server sees the auth payload in the handshake",
  async run(cell) {
    const auth = { token: "päss", nested: { list: [1, null] } };
    const { socket } = await cell.connect("/", { auth });
    expect(socket.handshake.auth).toEqual(auth);
    const without = await cell.connect();
    expect(without.socket.handshake.auth).toEqual({});
  },
};

const authFunction: Row = {
  name: "auth may be a function, which is asked at every connection and may answer later",
  async run(cell) {
    let asked = 0;
    const { client, socket } = await cell.connect("/", {
      auth: (answer) => {
        asked += 1;
        setImmediate(() => answer({ asked }));
      },
    });
    expect(socket.handshake.auth).toEqual({ asked: 1 });
    client.disconnect();
    client.connect();
    await once(client, "connect");
    expect(cell.socketOf(client).handshake.auth).toEqual({ asked: 2 });
  },
};

const perNamespace: Row = {
  name: "each namespace of a connection has an auth payload of its own",
  async run(cell) {
    cell.io.of("/a");
    const main = await cell.connect("/", { auth: { for: "main" } });
    const client = main.client.io.socket("/a", { auth: { for: "a" } });
    await once(client, "connect");
    expect(main.socket.handshake.auth).toEqual({ for: "main" });
    expect(cell.socketOf(client, "/a").handshake.auth).toEqual({ for: "a" });
    client.disconnect();
  },
};

const fields: Row = {
  name: "the handshake has address, url, issued, time, secure and xdomain",
  async run(cell) {
    const before = Date.now();
    const { socket } = await cell.connect();
    const { address, url, issued, time, secure, xdomain } = socket.handshake;
    expect(address).toMatch(/^(::ffff:)?127\.0\.0\.1$/);
    expect(url).toMatch(/^\/socket\.io\/\?.*EIO=4.*transport=(polling|websocket|sse)/);
    expect(issued).toBeGreaterThanOrEqual(before);
    expect(issued).toBeLessThanOrEqual(Date.now());
    // As Date prints itself; whole seconds.
    expect(Math.abs(new Date(time).getTime() - issued)).toBeLessThan(1_000);
    expect(time).toBe(String(new Date(issued)));
    expect([secure, xdomain]).toEqual([false, false]);
  },
};

const query: Row = {
  name: "the query of the client's options and of its URL reach the handshake, decoded, beside the engine's",
  async run(cell) {
    const { socket } = await cell.connect("/", { query: { room: "a&b=c d", ü: "é", "": "x" } });
    const { query: got } = socket.handshake;
    expect(got).toMatchObject({ room: "a&b=c d", ü: "é", EIO: "4" });
    expect(got["transport"]).toBe(cell.firstTransport);
    const client = cell.dial("/?from=url&n=1");
    await once(client, "connect");
    expect(cell.socketOf(client).handshake.query).toMatchObject({ from: "url", n: "1" });
  },
};

const headers: Row = {
  name: "extra headers of the client reach the handshake, in lower case",
  async run(cell) {
    const { socket } = await cell.connect("/", { extraHeaders: { "X-Custom": "value", Cookie: "a=1; b=2" } });
    const { headers: got } = socket.handshake;
    expect([got["x-custom"], got["cookie"], got["host"]]).toEqual([
      "value",
      "a=1; b=2",
      `127.0.0.1:${cell.port}`,
    ]);
  },
};

const crossDomain: Row = {
  name: "xdomain tells that the request came with an origin",
  async run(cell) {
    const { socket } = await cell.connect("/", { extraHeaders: { Origin: "https://example.org" } });
    expect([socket.handshake.xdomain, socket.handshake.headers["origin"]]).toEqual([
      true,
      "https://example.org",
    ]);
  },
};

const ids: Row = {
  name: "both ends know the socket by one id of 20 characters, and forget it at the end",
  async run(cell) {
    const { client, socket } = await cell.connect();
    expect(client.id).toBe(socket.id);
    expect(socket.id).toMatch(/^[\w-]{20}$/);
    expect([...socket.rooms]).toEqual([socket.id]);
    client.disconnect();
    expect(client.id).toBeUndefined();
  },
};

const otherPath: Row = {
  name: "client and server may agree on another path",
  server: { path: "/real/time" },
  async run(cell) {
    const { socket } = await cell.connect("/", { path: "/real/time" });
    expect(socket.handshake.url).toMatch(/^\/real\/time\/\?/);
  },
};

export const group: readonly Row[] = [
  authObject,
  authFunction,
  perNamespace,
  fields,
  query,
  headers,
  crossDomain,
  ids,
  otherPath,
];
