import { onPage } from "../env-browser.ts";
import type { Env } from "../env.ts";

/** What the file that knows WebSockets only needs of its page. */
export const env = {
  setTimer: (run, delayMs) => setTimeout(run, delayMs),
  clearTimer: (timer) => clearTimeout(timer as number),
  random: () => Math.random(),
  secret: () => String(crypto.getRandomValues(new Uint32Array(4))),
  wallClock: () => Date.now(),
  onPage,
} as Env;
