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
  const known = JSON.parse(env.memory[keyOf(options)] ?? "[]") as Way | [];
  if (Number(known[0]) > now) return known as Way;
  const order = [...new Set(transports)].filter((name) => name !== "webtransport");
  return [now + REMEMBERED_MS, 0, ...order.slice(0, tryAllTransports === false ? 1 : undefined)];
}

export function rememberWay(options: EngineOptions, tookMs: number, ...order: TransportName[]): void {
  try {
    options.env.memory[keyOf(options)] = JSON.stringify([recallWay(options)[0], tookMs, ...order]);
  } catch {
    // The page's store is full. Then it is found out again.
  }
}

export function forgetWay(options: EngineOptions): void {
  delete options.env.memory[keyOf(options)];
}

/**
 * A WebSocket opened and broke before the server said anything over it, as if a proxy knew no better: it goes behind the
 * others, from where it is reached again by moving up.
 */
export function blameWebSocket(options: EngineOptions): void {
  const [, tookMs, ...order] = recallWay(options);
  rememberWay(options, tookMs, ...order.filter((name) => name !== "websocket"), "websocket");
}

/** Other transports are another question. */
function keyOf({ origin, transports, tryAllTransports }: EngineOptions): string {
  return `bowline ${String([origin, transports, tryAllTransports])}`;
}
