import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeBrowser, hasBrowser, openBrowser, openPage } from "../browser.ts";
import { App, LIBRARY, type Running } from "./app.ts";

// Next.js behind a server of one's own: pages and sockets on one port. Built for production, since that bundles the
// client for the page and for its first rendering on the server.

const app = await App.install("next");

describe.skipIf(!app || !hasBrowser)(`Next.js on ${LIBRARY}`, () => {
  let running: Running;
  beforeAll(async () => {
    await openBrowser();
    running = await app!.start();
  });
  afterAll(async () => {
    await closeBrowser();
    await running.stop();
  });

  test("a page talks to the server that served it, over a WebSocket", async () => {
    const problems: string[] = [];
    const page = await openPage(problems);
    await page.goto(running.url);
    const shows = (id: string, text: string): Promise<unknown> =>
      page.waitForFunction(`document.getElementById("${id}").textContent === "${text}"`);
    await shows("answer", "hello page");
    await shows("transport", "websocket");
    await shows("visits", "1");
    const other = await openPage();
    await other.goto(running.url);
    await shows("visits", "2");
    expect(problems).toEqual([]);
    await other.close();
    await page.close();
  });

  test("both say what is not there", async () => {
    expect((await fetch(`${running.url}/nothing`)).status).toBe(404);
    const answer = await fetch(`${running.url}/socket.io/?EIO=3&transport=polling`);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { code: 5, message: "Unsupported protocol version" },
    ]);
  });
});
