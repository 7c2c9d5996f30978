import { EXTRAS } from "#extras";
import type { EngineOptions } from "./engine-options.ts";
import type { TransportName } from "./transport.ts";

/** Networks change, and what was in the way may be gone. */
const REMEMBERED_MS = 600_000;

/**
 * How a server was reached lately: when that is to be forgotten, in epoch milliseconds and however often it proves right
 * meanwhile; how long the last opening took; and in which order transports are tried, without those that are not to be.
 */
export type Way = readonly [until: number, tookMs: number, ...order: TransportName[]];

/** What is remembered, else what the options say. The place keeps it, so other managers and the page after a reload know too. */
export function recallWay(options: EngineOptions): Way {
  const { env, transports, tryAllTransports } = options;
  const now = env.wallClock();
  const known = JSON.parse(env.memory[keyOf(options)] ?? "[0]") as Way;
  if (known[0] > now) return known;
  const order = [...new Set(transports)].filter((name) => name !== "webtransport");
  return [now + REMEMBERED_MS, 0, ...order.slice(0, EXTRAS && tryAllTransports === false ? 1 : undefined)];
}

export function rememberWay(options: EngineOptions, ...way: Way): void {
  try {
    options.env.memory[keyOf(options)] = JSON.stringify(way);
  } catch {
    // The page's store is full. Then it is found out again.
  }
}

export function forgetWay(options: EngineOptions): void {
  delete options.env.memory[keyOf(options)];
}

/** Other transports are another question. */
function keyOf({ origin, transports, tryAllTransports }: EngineOptions): string {
  return `bowline ${String([origin, transports, EXTRAS && tryAllTransports])}`;
}
