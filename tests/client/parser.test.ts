import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { io, type Socket } from "@bowline/client";
import { Server as BowlineServer } from "@bowline/server";
import { Server as StockServer } from "socket.io";
import * as msgpack from "socket.io-msgpack-parser";
import { afterEach, describe, expect, test } from "vitest";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Peer {
  on(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
}
interface Served {
  on(event: "connection", listener: (socket: Peer) => void): unknown;
  close(): unknown;
}

const SERVERS: Readonly<Record<string, (http: ReturnType<typeof createServer>) => Served>> = {
  "the stock server": (http) => new StockServer(http, { parser: msgpack }),
  "our server": (http) => new BowlineServer(http, { parser: msgpack }),
};

describe.each(Object.entries(SERVERS))("[C73] with socket.io-msgpack-parser, %s", (_name, serve) => {
  test.each(["polling", "websocket"] as const)("our client talks over %s", async (transport) => {
    const http = createServer();
    const server = serve(http);
    closing.push(() => server.close());
    server.on("connection", (socket) =>
      socket.on("double", (bytes: Uint8Array, more: unknown, answer: (...all: unknown[]) => void) => {
        answer({ bytes: Buffer.concat([bytes, bytes]), more });
      }),
    );
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    const socket: Socket = io(`http://127.0.0.1:${port}`, { parser: msgpack, transports: [transport] });
    closing.push(() => socket.disconnect());
    const answer = (await socket.emitWithAck("double", Buffer.from([1, 2]), {
      text: "\u20ac",
      none: null,
    })) as {
      bytes: Uint8Array;
      more: unknown;
    };
    expect([...answer.bytes]).toEqual([1, 2, 1, 2]);
    expect(answer.more).toEqual({ text: "\u20ac", none: null });
  });
});

test("[C73] what is no parser is refused", () => {
  expect(() => io("http://127.0.0.1:1", { parser: {} as never, autoConnect: false })).toThrow(
    /"parser" must be a parser: an object with an Encoder and a Decoder/,
  );
});
