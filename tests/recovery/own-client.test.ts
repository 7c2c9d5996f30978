import http from "node:http";
import type { AddressInfo } from "node:net";
import { io as connect } from "@bowline/client";
import { Server } from "@bowline/server";
import { nodeHost } from "@bowline/server/node";
import { Server as StockServer } from "socket.io";
import { afterEach, describe, expect, test } from "vitest";
import { FaultProxy } from "../faults/proxy.ts";
import { next } from "./world.ts";

interface AnySocket {
  on(event: "disconnect", listener: (reason: string) => void): unknown;
  readonly _writable?: boolean;
  readonly conn?: { readonly transport: { readonly writable: boolean } };
}

interface AnyServer {
  emit(event: string, ...args: unknown[]): unknown;
  on(event: "connection", listener: (socket: AnySocket) => void): unknown;
  close(): Promise<void>;
}

// With resumption our client would not need what is tried here.
const SERVERS: Readonly<Record<string, (server: http.Server) => AnyServer>> = {
  "our server": (server) =>
    new Server({ connectionStateRecovery: true, resumption: false }).attach(nodeHost(server)),
  "Socket.IO 4.8.4": (server) => new StockServer(server, { connectionStateRecovery: {} }) as AnyServer,
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe.each(Object.entries(SERVERS))("our client, %s", (_name, attach) => {
  test.each(["websocket", "polling"] as const)(
    "[R20] a link that breaks over %s: the same id, and what was missed, once and in order",
    async (transport) => {
      const server = http.createServer();
      const io = attach(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const proxy = await FaultProxy.to((server.address() as AddressInfo).port);
      const client = connect(proxy.url, {
        transports: [transport],
        forceNew: true,
        reconnection: false,
      });
      const entered = new Promise<AnySocket>((resolve) => io.on("connection", resolve));
      closing.push(
        () => io.close(),
        () => proxy.close(),
        () => client.disconnect(),
      );
      await next(client, "connect");
      const { id } = client;
      const numbers: unknown[] = [];
      client.on("n", (number) => numbers.push(number));
      const first = next(client, "n");
      io.emit("n", 0);
      await first;
      expect(client.recovered).toBe(false);
      const socket = await entered;
      const noticed = new Promise((resolve) => socket.on("disconnect", resolve));
      // A poll waits, or nobody would notice that its link breaks.
      await expect.poll(() => socket._writable ?? socket.conn?.transport.writable).toBe(true);
      const lost = next(client, "disconnect");
      proxy.cut();
      await lost;
      // Only our server would let it go on before it noticed.
      await noticed;
      io.emit("n", 1);
      io.emit("n", 2);
      const back = next(client, "connect");
      client.connect();
      await back;
      const done = next(client, "end");
      io.emit("end");
      await done;
      expect([client.recovered, client.id, numbers]).toEqual([true, id, [0, 1, 2]]);
    },
  );
});
