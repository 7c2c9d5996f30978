import type { Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeBrowser, hasBrowser, openBrowser, openPage } from "../browser.ts";
import { App, LIBRARY, type Running } from "./app.ts";

// The chat that everybody writes first: Express, one page, the client from the server.

const app = await App.install("chat");

describe.skipIf(!app || !hasBrowser)(`the chat on ${LIBRARY}`, () => {
  let running: Running;
  let ann: Page;
  let bob: Page;
  const problems: string[] = [];

  const join = async (): Promise<Page> => {
    const page = await openPage(problems);
    await page.goto(running.url);
    await page.waitForFunction("socket.connected");
    return page;
  };
  const say = async (page: Page, text: string): Promise<void> => {
    await page.fill("#text", text);
    await page.click("button");
  };
  const sees = async (page: Page, ...lines: readonly string[]): Promise<void> => {
    await page.waitForFunction((count) => document.querySelectorAll("li").length >= count, lines.length);
    expect(await page.locator("li").allTextContents()).toEqual(lines);
  };

  beforeEach(async () => {
    running = await app!.start();
    ann = await join();
    bob = await join();
  });
  afterEach(async () => {
    await ann.close();
    await bob.close();
    await running.stop();
    expect(problems).toEqual([]);
  });
  beforeAll(openBrowser);
  afterAll(closeBrowser);

  test("what one says, all see", async () => {
    await say(ann, "hello");
    await sees(ann, "hello");
    await sees(bob, "hello");
    await say(bob, "and hello");
    await sees(ann, "hello", "and hello");
  });

  test("who comes late sees what was said", async () => {
    await say(ann, "one");
    await sees(ann, "one");
    const cid = await join();
    await sees(cid, "one");
    await cid.close();
  });

  test("who leaves and joins again sees what was missed, once", async () => {
    await say(ann, "one");
    await sees(bob, "one");
    await bob.click("#toggle");
    await say(ann, "two");
    await sees(ann, "one", "two");
    await say(bob, "three");
    await bob.click("#toggle");
    await sees(bob, "one", "two", "three");
    await sees(ann, "one", "two", "three");
  });

  test("who loses the connection gets it back, with what was missed", async () => {
    await say(ann, "one");
    await sees(bob, "one");
    const id = await bob.evaluate<string>("socket.id");
    // As if the network were cut: the transport goes, nobody said goodbye.
    await bob.evaluate("socket.io.engine.close()");
    await say(ann, "two");
    await sees(bob, "one", "two");
    expect(await bob.evaluate("[socket.connected, socket.recovered, socket.id]")).toEqual([true, true, id]);
  });
});
