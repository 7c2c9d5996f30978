import { existsSync } from "node:fs";
import { type Browser, chromium } from "@playwright/test";

const PATH = process.env["BOWLINE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Whether there is a Chromium to try pages in. Says so aloud if not. */
export const hasBrowser: boolean = existsSync(PATH);
if (!hasBrowser) console.log(`!! NOT RUN: what needs a page, because ${PATH} is missing.`);

let browser: Promise<Browser> | undefined;

/** One for the test file; a page each is opened in it. */
export function openBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: PATH });
  return browser;
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}
