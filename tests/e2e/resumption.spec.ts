import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Server } from "@bowline/server";
import { FaultProxy } from "../faults/proxy.ts";
import type { HostOptions } from "../playwright.config.ts";
import { listenUws } from "../uws-app.ts";
import { expect, test } from "./fixtures.ts";

const BUNDLE = fileURLToPath(import.meta.resolve("@bowline/client/bowline.min.js"));
const TOKENS = 1000;
const PER_SECOND = 60;
const CUT_EVERY_MS = 500;

interface Global {
  io(url: string): { on(event: string, listener: (...args: never[]) => void): unknown };
  heard: { text: string; done: boolean; disconnects: number };
}

function token(number: number): string {
  return `${number.toString(36)} `;
}

/** Who connects is sent the tokens, as an assistant would. */
async function writer(host: HostOptions["bowlineHost"]): Promise<{ io: Server; port: number }> {
  const io = new Server({ cors: { origin: "*" } });
  io.on("connection", (socket) => {
    let next = 0;
    const timer = setInterval(() => {
      if (next < TOKENS) return void socket.emit("token", token(next++));
      clearInterval(timer);
      socket.emit("done");
    }, 1000 / PER_SECOND);
  });
  if (host === "uws") return { io, port: (await listenUws((app) => io.attachApp(app))).port };
  const server = http.createServer();
  io.attach(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { io, port: (server.address() as AddressInfo).port };
}

test("1000 tokens at 60 per second, the link cut every 500 ms: the text is whole", async ({
  page,
  bowlineHost,
}) => {
  test.setTimeout(90_000);
  const { io, port } = await writer(bowlineHost);
  const proxy = await FaultProxy.to(port);
  const empty = http.createServer((_request, response) =>
    response.end("<!doctype html><title>tokens</title>"),
  );
  empty.listen(0, "127.0.0.1");
  await once(empty, "listening");
  await page.goto(`http://127.0.0.1:${(empty.address() as AddressInfo).port}/`);
  await page.addScriptTag({ path: BUNDLE });
  let cuts = 0;
  const cutter = setInterval(() => {
    if (proxy.links.length === 0) return;
    cuts += 1;
    proxy.cut();
  }, CUT_EVERY_MS);
  await page.evaluate((url) => {
    const place = globalThis as unknown as Global;
    place.heard = { text: "", done: false, disconnects: 0 };
    const socket = place.io(url);
    socket.on("token", (text: string) => void (place.heard.text += text));
    socket.on("disconnect", () => void (place.heard.disconnects += 1));
    socket.on("done", () => void (place.heard.done = true));
  }, proxy.url);
  await page.waitForFunction(() => (globalThis as unknown as Global).heard.done, undefined, {
    timeout: 60_000,
  });
  clearInterval(cutter);
  const { text, disconnects } = await page.evaluate(() => (globalThis as unknown as Global).heard);
  expect(text).toBe(Array.from({ length: TOKENS }, (_, number) => token(number)).join(""));
  expect(disconnects).toBe(0);
  console.log(`${bowlineHost}: ${TOKENS} tokens whole over ${cuts} cuts`);
  expect(cuts).toBeGreaterThan(15);
  await proxy.close();
  empty.close();
  await io.close();
});
