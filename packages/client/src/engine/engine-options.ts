import { ENGINE_PROTOCOL } from "@bowline/protocol";
import type { Env, LinkOptions } from "../env.ts";
import type { TransportName } from "./transport.ts";

/** 23 days. Somewhat longer ones end at once: timers count to 2^31. */
export const LONGEST_DELAY = 2e9;

/** What the engine reads of the options; resolved and frozen by options.ts. Times are milliseconds. */
export interface EngineOptions extends LinkOptions {
  readonly env: Env;
  /** `http(s)://host[:port]`, also for WebSockets. */
  readonly origin: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | boolean>>;
  readonly transports: readonly TransportName[];
  readonly transportTimeout: number;
  readonly timeout: number | false;
  readonly upgrade: boolean;
}

/** Where a transport connects; without a `sid` the server makes a new session. */
export function linkUrl(options: EngineOptions, transport: TransportName, sid?: string): string {
  const query: Record<string, unknown> = { ...options.query, EIO: ENGINE_PROTOCOL, transport };
  if (sid !== undefined) query["sid"] = sid;
  let { origin } = options;
  // Caches along the way must not answer for the server.
  if (transport === "polling") query["t"] = options.env.random();
  else origin = origin.replace("http", "ws");
  return `${origin}${options.path}?${String(new URLSearchParams(query as Record<string, string>))}`;
}
