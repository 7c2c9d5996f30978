import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { io } from "@bowline/client";
import { Server as BowlineServer } from "@bowline/server";
import { Server as StockServer } from "socket.io";
import { expect, test } from "vitest";

const LIBRARIES = { stock: StockServer as unknown as typeof BowlineServer, bowline: BowlineServer };

test.each(
  (["stock", "bowline"] as const).flatMap((library) =>
    (["polling", "websocket"] as const).map((transport) => ({ library, transport })),
  ),
)(
  "[C75] Blobs and Files arrive as bytes, in order, at a $library server over $transport",
  async ({ library, transport }) => {
    const http = createServer();
    const server = new LIBRARIES[library](http);
    const heard: unknown[] = [];
    const told = new Promise<void>((resolve) => {
      server.on("connection", (socket) => {
        socket.onAny((event: string, ...args: unknown[]) => heard.push([event, ...args]));
        socket.on("last", () => resolve());
        socket.emit("ask", (bytes: Buffer) => heard.push(["answer", bytes]));
      });
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, {
      transports: [transport],
      forceNew: true,
    });
    client.on("ask", (answer: (blob: Blob) => void) => {
      answer(new Blob(["answered"]));
      client.emit("file", { name: "a.txt", content: new File(["of a file"], "a.txt") }, [new Blob(["b"])]);
      client.emit("last");
    });
    await told;
    expect(heard).toEqual([
      ["answer", Buffer.from("answered")],
      ["file", { name: "a.txt", content: Buffer.from("of a file") }, [Buffer.from("b")]],
      ["last"],
    ]);
    client.disconnect();
    await server.close();
  },
);
