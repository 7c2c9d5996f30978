import { ENGINE_PROTOCOL } from "@bowline/protocol";
import { EXTRAS, HTTP } from "#extras";
import type { Env, LinkOptions } from "../env.ts";
import type { TransportName } from "./transport.ts";

/** 23 days. Somewhat longer ones end at once: timers count to 2^31. */
export const LONGEST_DELAY = 2e9;
/** How long the server's sign of life may take, once it was asked for one. */
export const SIGN_OF_LIFE_MS = 2000;
/** As much may wait in a WebSocket before volatile packets are dropped: some dozens of cursor positions. */
export const IDLE_BYTES = 16_384;

/** What the engine reads of the options, at each connection; resolved by options-resolve.ts. Times are milliseconds. */
export interface EngineOptions extends LinkOptions {
  readonly env: Env;
  /** `http(s)://host[:port]`, also for WebSockets. */
  readonly origin: string;
  readonly path: string;
  readonly addTrailingSlash: boolean;
  readonly query: Readonly<Record<string, unknown>>;
  readonly transports: readonly (TransportName | "webtransport")[];
  readonly transportOptions?: Readonly<Record<string, object>> | undefined;
  readonly transportTimeout: number;
  readonly headStart: number;
  readonly upgradeInterval: number;
  readonly rememberUpgrade?: boolean | undefined;
  readonly tryAllTransports?: boolean | undefined;
  readonly timeout: number | false;
  readonly requestTimeout?: number | undefined;
  readonly upgrade: boolean;
  readonly forceBase64?: boolean | undefined;
  readonly timestampRequests?: boolean | undefined;
  readonly timestampParam?: string | undefined;
  /** Takes what listeners throw. */
  readonly report: (error: unknown, context: { readonly stage: "manager"; readonly event: string }) => void;
}

/** Where a transport connects; without a `sid` the server makes a new session. */
export function linkUrl(options: EngineOptions, transport: TransportName, more?: object | ""): string {
  const query: Record<string, unknown> = { ...options.query, EIO: ENGINE_PROTOCOL, transport, ...more };
  const isHttp = HTTP && transport !== "websocket";
  // Caches along the way must not answer for the server.
  if ((EXTRAS ? options.timestampRequests : undefined) ?? isHttp)
    query[(EXTRAS && options.timestampParam) || "t"] = options.env.random();
  if (EXTRAS && options.forceBase64) query["b64"] = 1;
  const path = options.path.replace(/\/?$/, options.addTrailingSlash ? "/" : "");
  return `${isHttp ? options.origin : options.origin.replace("http", "ws")}${path}?${String(new URLSearchParams(query as Record<string, string>))}`;
}

/** With those that are for this transport only. */
export function optionsOf(options: EngineOptions, transport: TransportName): EngineOptions {
  return { ...options, ...options.transportOptions?.[transport] };
}
