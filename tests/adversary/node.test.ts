import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "@bowline/server";
import { expect, test } from "vitest";
import { openTcp, openWebSocket, sleep } from "./attacker.ts";
import { attacks } from "./attacks.ts";
import { exposeNode } from "./victim.ts";

attacks("node:http", exposeNode);

test("[H12] an answer of the application's own that takes its time is waited for, also with idlers around", async () => {
  const http = createServer((_request, response) => setTimeout(() => response.end("done"), 1_300));
  const io = new Server(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  await openTcp(port);
  const answer = fetch(`http://127.0.0.1:${port}/report`);
  await sleep(50);
  const closed = io.close();
  expect(await (await answer).text()).toBe("done");
  await closed;
});

test("[H12] an HTTP server that its owner closed first is no obstacle", async () => {
  const http = createServer();
  const io = new Server(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { closed } = await openWebSocket((http.address() as AddressInfo).port);
  http.close();
  await io.close();
  await closed;
  expect(io.connectionsCount).toBe(0);
});
