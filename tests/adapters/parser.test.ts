import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "@bowline/server";
import { io as connect, type Socket as ClientSocket } from "socket.io-client";
import * as msgpack from "socket.io-msgpack-parser";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listenUws, uwsMissing } from "../uws-app.ts";

interface Served {
  readonly io: Server;
  readonly port: number;
  close(): Promise<void>;
}

async function serveNode(): Promise<Served> {
  const http = createServer();
  const io = new Server(http, { parser: msgpack });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return { io, port: (http.address() as AddressInfo).port, close: () => io.close() };
}

async function serveUws(): Promise<Served> {
  const io = new Server({ parser: msgpack });
  const app = await listenUws((native) => io.attachApp(native), 0);
  return { io, port: app.port, close: () => io.close().then(() => app.close()) };
}

describe.each([
  ["node:http", serveNode, undefined],
  ["uWebSockets.js", serveUws, uwsMissing],
] as const)("the stock client with socket.io-msgpack-parser, on %s", (_host, serve, missing) => {
  let served: Served;
  let client: ClientSocket | undefined;

  beforeEach(async () => {
    served = await serve();
  });

  afterEach(async () => {
    client?.disconnect();
    await served.close();
  });

  const dial = (transports: string[], path = "/"): ClientSocket =>
    (client = connect(`http://127.0.0.1:${served.port}${path}`, {
      parser: msgpack,
      transports,
      forceNew: true,
    }));

  it.skipIf(missing).each(["websocket", "polling"])("[S13] talks over %s", async (transport) => {
    const io = served.io;
    io.of("/chat").on("connection", (socket) => {
      socket.on("ask", (bytes: Uint8Array, more: object, answer: (...all: unknown[]) => void) =>
        answer([...bytes], more, socket.handshake.auth["token"], Buffer.from([7])),
      );
      socket.join("lobby");
    });
    dial([transport], "/chat");
    client!.auth = { token: 12 };
    const answer = new Promise<unknown[]>((resolve) =>
      client!.emit("ask", Buffer.from([1, 2, 255]), { at: 1.5, list: [null, "é"] }, (...all: unknown[]) =>
        resolve(all),
      ),
    );
    const [bytes, more, token, back] = await answer;
    expect([bytes, more, token]).toEqual([[1, 2, 255], { at: 1.5, list: [null, "é"] }, 12]);
    expect([...(back as Uint8Array)]).toEqual([7]);
    const heard = once(client as never, "news") as Promise<unknown[]>;
    io.of("/chat")
      .to("lobby")
      .emit("news", Buffer.from([9]));
    expect([...((await heard)[0] as Uint8Array)]).toEqual([9]);
    const gone = once(client as never, "disconnect") as Promise<unknown[]>;
    io.of("/chat").disconnectSockets();
    expect((await gone)[0]).toBe("io server disconnect");
  });

  it.skipIf(missing)("[S13] is refused by middleware as ever, and heard out on garbage", async () => {
    const io = served.io;
    io.use((_socket, next) => next(Object.assign(new Error("no"), { data: { why: 1 } })));
    dial(["websocket"]);
    const [error] = (await once(client as never, "connect_error")) as [Error & { data?: unknown }];
    expect([error.message, error.data]).toEqual(["no", { why: 1 }]);
  });
});
