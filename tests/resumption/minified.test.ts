import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { io as Io, Lost, Socket as Client } from "@bowline/client";
import { Server, type Socket } from "@bowline/server";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";

/** As a page has it. What the short names of the minified file break, nothing but running it shows. */
vi.stubGlobal("WebSocket", WebSocket);
const reported: unknown[] = [];
vi.stubGlobal("reportError", (error: unknown) => reported.push(error));

const file = new URL("../../packages/client/dist/bowline.esm.min.js", import.meta.url);
const { io: connect } = (await import(file.href)) as { io: typeof Io };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(reported.splice(0)).toEqual([]);
});

async function ends(options: Parameters<typeof Io>[1]): Promise<{ client: Client; socket: Socket }> {
  const http = createServer();
  const server = new Server(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const entered = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const client = connect(`http://127.0.0.1:${port}`, { forceNew: true, reconnectionDelay: 10, ...options });
  closing.push(
    () => server.close(),
    () => client.disconnect(),
  );
  await new Promise<void>((resolve) => client.once("connect", resolve));
  return { client, socket: await entered };
}

test.each(["websocket", "sse", "polling"] as const)(
  "[C61] the minified client goes on over %s where its link broke",
  async (transport) => {
    const { client, socket } = await ends({ transports: [transport] });
    const { id } = client;
    const log: unknown[] = [];
    const shown: string[] = [];
    client.on("disconnect", (reason) => log.push(reason));
    client.status.subscribe(({ name }) => shown.push(name));
    const got: unknown[] = [];
    client.on("$n", (n) => got.push(n));
    client.on("ask", (answer) => answer("told"));
    const heard: unknown[] = [];
    socket.on("$n", (n, ...bytes) => heard.push(n, ...bytes.map((each) => [...each])));
    socket.on("ask", (answer) => answer("heard"));
    for (let round = 0; round < 3; round++) {
      const back = new Promise<void>((resolve) => client.resumption.once("resume", () => resolve()));
      const answers = [client.emitWithAck("ask"), socket.emitWithAck("ask")];
      client.emit("$n", round, new Uint8Array([round]));
      client.io.engine.close();
      socket.emit("$n", round);
      client.emit("$n", `${round} away`);
      await back;
      expect(await Promise.all(answers)).toEqual(["heard", "told"]);
    }
    await client.emitWithAck("ask");
    expect([got, heard]).toEqual([
      [0, 1, 2],
      [0, [0], "0 away", 1, [1], "1 away", 2, [2], "2 away"],
    ]);
    expect([client.id, client.recovered, log]).toEqual([id, true, []]);
    expect(new Set(shown)).toEqual(new Set(["suspended", "online"]));
    await expect.poll(() => client.resumption.unconfirmed).toBe(0);
  },
);

test("[C61] it is bounded, and tells what is lost", async () => {
  const { client, socket } = await ends({ resumption: { maxQueuedBytes: 1000 } });
  const lost = new Promise<Lost>((resolve) => client.resumption.on("lost", resolve));
  socket.on("bye", () => socket.disconnect());
  client.io.engine.close();
  client.emit("e", "x".repeat(900));
  expect(() => client.emit("e", "x".repeat(900))).toThrow(expect.objectContaining({ code: "queue_full" }));
  client.emit("f");
  expect(client.resumption.unconfirmed).toBe(2);
  await new Promise<void>((resolve) => client.resumption.once("resume", () => resolve()));
  client.emit("g");
  client.io.engine.close();
  client.disconnect();
  expect(await lost).toMatchObject({
    reason: "ended",
    unconfirmed: expect.arrayContaining([expect.objectContaining({ data: ["g"] })]),
  });
});
