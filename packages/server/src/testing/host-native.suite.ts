import { once } from "node:events";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import type { ContentEncoding, HostRequest, IncomingMessage } from "../host/host.ts";
import type { HostWorld } from "./host-world.ts";
import { call, WebSocketClient } from "./http-client.ts";

const DECODE: Readonly<Record<ContentEncoding["name"], (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

async function upgrade(
  port: number,
): Promise<{ client: WebSocketClient; headers: NodeJS.Dict<string | string[]> }> {
  const client = new WebSocketClient(port, "/io");
  const [response] = (await once(client.socket, "upgrade")) as [IncomingMessage];
  return { client, headers: response.headers };
}

/** H15 to H18: node's own objects, headers, files, compression, and when a frame has left. */
export function nativeSuite(world: () => HostWorld): void {
  test("[H15] a request is seen in the shape of node:http, and is one object", async () => {
    const { handler, port } = world();
    let request: HostRequest | undefined;
    handler.answer = (asked) => {
      request = asked;
      return { status: 200 };
    };
    await call(port, { path: "/io/?a=1", headers: { cookie: "b=c", "x-a": "1" } });
    const { incoming } = request ?? fail();
    expect([incoming.method, incoming.url, incoming.headers.cookie, incoming.headers["x-a"]]).toEqual([
      "GET",
      "/io/?a=1",
      "b=c",
      "1",
    ]);
    expect([request?.incoming, request?.native]).toEqual([incoming, incoming]);
    expect(incoming.socket.remoteAddress ?? "127.0.0.1").toContain("127.0.0.1");
  });

  test("[H15] what was set on the response is in the answer, and who patched its methods is called", async () => {
    const { handler, port } = world();
    const patched: string[] = [];
    handler.answer = ({ outgoing }) => {
      outgoing.setHeader("X-Set", ["1", "2"]);
      const { writeHead, end } = outgoing;
      outgoing.writeHead = function (this: typeof outgoing, ...args: Parameters<typeof writeHead>) {
        patched.push("writeHead");
        outgoing.setHeader("X-Late", "3");
        return writeHead.apply(this, args);
      } as typeof writeHead;
      outgoing.end = function (this: typeof outgoing, ...args: Parameters<typeof end>) {
        patched.push("end");
        return end.apply(this, args);
      } as typeof end;
      return { status: 403, body: "no" };
    };
    const { status, headers, body } = await call(port, { path: "/io" });
    expect([status, body.toString(), headers["x-set"], headers["x-late"]]).toEqual([403, "no", "1, 2", "3"]);
    expect(patched).toEqual(["writeHead", "end"]);
  });

  test("[H15] who ends the response has answered, with what it wrote before", async () => {
    const { handler, port } = world();
    handler.answer = ({ outgoing }) => {
      outgoing.write("one ");
      outgoing.end(Buffer.from("two"));
      return { status: 500, body: "dropped" };
    };
    const { status, body } = await call(port, { path: "/io" });
    expect([status, body.toString()]).toEqual([200, "one two"]);
  });

  test("[H15] of an upgrade the response's headers are in the 101, and to end it is to refuse", async () => {
    const { handler, port } = world();
    handler.admit = ({ outgoing }) => {
      outgoing.setHeader("Set-Cookie", ["a=1", "b=2"]);
      return { headers: { "x-ours": "yes" } };
    };
    const { client, headers } = await upgrade(world().port);
    expect([headers["set-cookie"], headers["x-ours"]]).toEqual([["a=1", "b=2"], "yes"]);
    client.socket.terminate();
    handler.admit = ({ outgoing }) => {
      outgoing.writeHead(402, { "X-Why": "money" });
      outgoing.end("pay");
      return undefined;
    };
    const { status, headers: refused, body } = await new WebSocketClient(port, "/io").refused;
    expect([status, refused["x-why"], body.toString()]).toEqual([402, "money", "pay"]);
  });

  test("[H15] the response of an upgrade closes when the WebSocket does", async () => {
    const { handler } = world();
    let closed: Promise<unknown> = Promise.resolve();
    handler.admit = ({ outgoing }) => {
      closed = once(outgoing, "close");
      return undefined;
    };
    const { client } = await upgrade(world().port);
    client.socket.close();
    await closed;
  });

  test("[H16] a header with several values is several lines", async () => {
    const { handler, port } = world();
    handler.answer = () => ({ status: 200, headers: { "Set-Cookie": ["a=1", "b=2"], "X-One": "1" } });
    const { headers } = await call(port, { path: "/io" });
    expect([headers["set-cookie"], headers["x-one"]]).toEqual([["a=1", "b=2"], "1"]);
  });

  test("[H16] files below the path are the handler's, other names there are not", async () => {
    const { handler, port } = world();
    handler.answer = ({ path }) => ({ status: 200, body: path });
    expect((await call(port, { path: "/io/file.js?v=1" })).body.toString()).toBe("/io/file.js");
    expect((await call(port, { path: "/io/other.js" })).status).toBe(404);
  });

  test.each(["gzip", "deflate", "br"] as const)(
    "[H17] a body is compressed with %s where that is asked",
    async (name) => {
      const { handler, port } = world();
      const text = "a lot of the same ".repeat(200);
      handler.answer = () => ({ status: 200, headers: { "X-A": "b" }, body: text, encoding: { name } });
      const { headers, body } = await call(port, { path: "/io" });
      expect([headers["content-encoding"], headers["x-a"]]).toEqual([name, "b"]);
      expect(body.byteLength).toBeLessThan(text.length / 10);
      expect(DECODE[name](body).toString()).toBe(text);
    },
  );

  test("[H17] a compression that fails is a 500, and is reported", async () => {
    const { handler, port, errors } = world();
    const encoding = { name: "gzip", options: { level: 99 } } as const;
    handler.answer = () => ({ status: 200, body: "x", encoding });
    expect((await call(port, { path: "/io" })).status).toBe(500);
    expect(errors).toHaveLength(1);
  });

  test("[H18] frames tell when they have left, in their order", async () => {
    const { handler } = world();
    const left: number[] = [];
    const opened = handler.nextPeer();
    const { client } = await upgrade(world().port);
    const { peer } = await opened;
    const all = new Promise<void>((resolve) => {
      for (let number = 0; number < 3; number++) {
        const sent = (): void => void (left.push(number) === 3 && resolve());
        peer.send(`frame ${number}`, { sent });
      }
    });
    expect(left).toEqual([]);
    await all;
    expect(left).toEqual([0, 1, 2]);
    expect(await client.framesOf(3)).toEqual(["frame 0", "frame 1", "frame 2"]);
    peer.terminate();
    peer.send("never", { sent: () => left.push(9) });
    await client.closed;
    expect(left).toHaveLength(3);
  });
}

/** H18 where the host was asked to compress frames. */
export function compressionSuite(world: () => HostWorld): void {
  test("[H18] who offers compression gets long frames compressed, save those that are not to be, in their order", async () => {
    const { handler } = world();
    const opened = handler.nextPeer();
    const { client, headers } = await upgrade(world().port);
    const { peer } = await opened;
    expect(headers["sec-websocket-extensions"]).toContain("permessage-deflate");
    const long = "x".repeat(5000);
    const read = (): number =>
      (client.socket as unknown as { _socket: { bytesRead: number } })._socket.bytesRead;
    const before = read();
    peer.send(long);
    peer.send("short");
    await client.framesOf(2);
    expect(read() - before).toBeLessThan(500);
    peer.send(long, { compress: false });
    peer.send(new Uint8Array(3));
    expect(await client.framesOf(4)).toEqual([long, "short", long, Buffer.alloc(3)]);
    expect(read() - before).toBeGreaterThan(5000);
    client.socket.send(long);
    await handler.peers[0]?.when(() => handler.peers[0]?.messages.length === 1);
    expect(handler.peers[0]?.messages).toEqual([long]);
  });
}

function fail(): never {
  throw new Error("no request");
}
