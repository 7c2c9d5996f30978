import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Server } from "@bowline/server";
import { expect, test } from "@playwright/test";

const BUNDLE = fileURLToPath(import.meta.resolve("@bowline/client/bowline.min.js"));

interface Global {
  io(options: object): {
    on(event: string, listener: (value: Uint8Array) => void): unknown;
    emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
    readonly io: { readonly engine: { readonly transport: { readonly name: string } } };
    disconnect(): unknown;
  };
}

for (const transports of [["websocket"], ["polling"]]) {
  test(`the script-tag bundle talks over ${transports.join()}: acks, bytes both ways`, async ({ page }) => {
    const server = http.createServer((_request, response) =>
      response.end("<!doctype html><title>empty</title>"),
    );
    const io = new Server(server);
    io.on("connection", (socket) => {
      socket.on("double", (bytes: Buffer, answer: (bytes: Buffer) => void) =>
        answer(Buffer.concat([bytes, bytes])),
      );
      socket.emit("greeting", Buffer.from([7, 8, 255]));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.addScriptTag({ path: BUNDLE });
    const seen = await page.evaluate(async (names) => {
      const socket = (globalThis as unknown as Global).io({ transports: names });
      const greeting = new Promise<number[]>((resolve) =>
        socket.on("greeting", (bytes) => resolve([...bytes])),
      );
      const doubled = (await socket.emitWithAck("double", new Uint8Array([1, 2]))) as Uint8Array;
      const by = socket.io.engine.transport.name;
      const result = { greeting: await greeting, doubled: [...doubled], by };
      socket.disconnect();
      return result;
    }, transports);
    expect(seen).toEqual({ greeting: [7, 8, 255], doubled: [1, 2, 1, 2], by: transports[0] });
    await io.close();
  });
}
