import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "@playwright/test";

const PATH = process.env["BOWLINE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Whether there is a Chromium to try pages in. Says so aloud if not. */
export const hasBrowser: boolean = existsSync(PATH);
if (!hasBrowser) console.log(`!! NOT RUN: what needs a page, because ${PATH} is missing.`);

let browser: Promise<Browser> | undefined;

/** One for the test file; its pages are opened in it. */
export function openBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: PATH, timeout: 20_000 });
  return browser;
}

/** A page whose waits end before the test's time does, so that what it waited for is said. */
export async function openPage(problems: string[] = []): Promise<Page> {
  const page = await (await openBrowser()).newPage();
  page.setDefaultTimeout(12_000);
  page.on("pageerror", (error) => problems.push(error.message));
  return page;
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}
