import type { EngineOptions } from "./engine-options.ts";
import type { TransportName } from "./transport.ts";

/** Networks change, and what was in the way may be gone. */
const REMEMBERED_MS = 600_000;

/** How a server was reached lately; the place keeps it, so that other managers and the page after a reload know too. */
export interface Way {
  /** In which order transports are tried; one that is not to be tried is missing. */
  readonly order: readonly TransportName[];
  /** How long the last opening took. */
  readonly tookMs: number;
  /** When that is forgotten, however often it proved right meanwhile; epoch milliseconds. */
  readonly until: number;
}

/** What is remembered, else what the options say. */
export function recallWay(options: EngineOptions): Way {
  const { env, transports, tryAllTransports } = options;
  const now = env.wallClock();
  const known = JSON.parse(env.memory[keyOf(options)] ?? "0") as Way | 0;
  if (known && known.until > now) return known;
  const order = transports.filter((name) => name !== "webtransport");
  if (tryAllTransports === false) order.length = 1;
  return { order: order as TransportName[], tookMs: 0, until: now + REMEMBERED_MS };
}

export function rememberWay(options: EngineOptions, order: readonly TransportName[], tookMs: number): void {
  try {
    options.env.memory[keyOf(options)] = JSON.stringify({ ...recallWay(options), order, tookMs });
  } catch {
    // The page's store is full. Then it is found out again.
  }
}

export function forgetWay(options: EngineOptions): void {
  delete options.env.memory[keyOf(options)];
}

/**
 * This one opened and broke before the server said anything over it, as if a proxy knew no better. A WebSocket goes
 * behind the others, from where it is reached again by moving up; a stream is left out.
 */
export function blameTransport(options: EngineOptions, name: TransportName): void {
  const { order, tookMs } = recallWay(options);
  const isSocket = (each: TransportName): boolean => each === "websocket";
  const others = order.filter((each) => each !== name && !isSocket(each));
  rememberWay(options, [...others, ...order.filter(isSocket)], tookMs);
}

/** Other transports are another question. */
function keyOf({ origin, transports, tryAllTransports }: EngineOptions): string {
  return `bowline ${origin} ${String(transports)} ${tryAllTransports}`;
}
