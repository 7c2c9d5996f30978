import type { HostRequest, HostResponse } from "../host/host.ts";

/** What an allowed origin may be, once known. `true` reflects the request's own. */
export type StaticOrigin = boolean | string | RegExp | ReadonlyArray<boolean | string | RegExp>;

/** Answers through its callback, as in the `cors` package, or by returning, also later. */
export type OriginFunction = (
  origin: string | undefined,
  callback: (error: Error | null, origin?: StaticOrigin) => void,
) => StaticOrigin | void | Promise<StaticOrigin | void>;

/** The options of the `cors` package, as far as they concern a realtime server. */
export interface CorsOptions {
  /** Default `"*"`. `false` sends no headers at all. */
  readonly origin?: StaticOrigin | OriginFunction | undefined;
  /** Default `GET,HEAD,PUT,PATCH,POST,DELETE`. */
  readonly methods?: string | readonly string[] | undefined;
  /** Default: whatever the preflight asks for. */
  readonly allowedHeaders?: string | readonly string[] | undefined;
  readonly exposedHeaders?: string | readonly string[] | undefined;
  /** Default `false`. */
  readonly credentials?: boolean | undefined;
  /** Seconds. */
  readonly maxAge?: number | undefined;
  /** Default 204. */
  readonly optionsSuccessStatus?: number | undefined;
}

type Headers = Record<string, string>;

const DEFAULT_METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE";

/** Headers for the answer to `request`; `undefined` when CORS does not concern it. Rejects when the origin function does. */
export async function corsHeaders(options: CorsOptions, request: HostRequest): Promise<Headers | undefined> {
  const origin = await resolveOrigin(options.origin, request.headers["origin"]);
  if (origin === false) return undefined;
  const headers = originHeaders(origin, request.headers["origin"]);
  if (options.credentials === true) headers["Access-Control-Allow-Credentials"] = "true";
  setList(headers, "Access-Control-Expose-Headers", options.exposedHeaders);
  return headers;
}

export function isPreflight(request: HostRequest): boolean {
  return request.method === "OPTIONS";
}

/** The whole answer to a preflight; `headers` are those of `corsHeaders`. */
export function preflightResponse(
  options: CorsOptions,
  request: HostRequest,
  headers: Headers,
): HostResponse {
  setList(headers, "Access-Control-Allow-Methods", options.methods ?? DEFAULT_METHODS);
  if (options.allowedHeaders === undefined) {
    headers["Vary"] =
      headers["Vary"] === undefined
        ? "Access-Control-Request-Headers"
        : `${headers["Vary"]}, Access-Control-Request-Headers`;
    setList(headers, "Access-Control-Allow-Headers", request.headers["access-control-request-headers"]);
  } else {
    setList(headers, "Access-Control-Allow-Headers", options.allowedHeaders);
  }
  if (options.maxAge !== undefined) headers["Access-Control-Max-Age"] = String(options.maxAge);
  return { status: options.optionsSuccessStatus ?? 204, headers };
}

async function resolveOrigin(
  option: CorsOptions["origin"],
  origin: string | undefined,
): Promise<StaticOrigin> {
  if (option === undefined) return "*";
  if (typeof option !== "function") return option;
  const answer = await new Promise<StaticOrigin | void>((resolve, reject) => {
    const returned = option(origin, (error, value) => (error ? reject(error) : resolve(value ?? false)));
    // Whoever takes the callback returns nothing; whoever returns does not call.
    if (returned instanceof Promise || option.length < 2) resolve(returned);
    else if (returned !== undefined) resolve(returned);
  });
  return answer ?? false;
}

function originHeaders(allowed: StaticOrigin, origin: string | undefined): Headers {
  if (allowed === "*") return { "Access-Control-Allow-Origin": "*" };
  if (typeof allowed === "string") return { "Access-Control-Allow-Origin": allowed, Vary: "Origin" };
  // The answer depends on who asks, so a cache must know, also when the answer is no.
  const headers: Headers = { Vary: "Origin" };
  if (origin !== undefined && isAllowed(allowed, origin)) headers["Access-Control-Allow-Origin"] = origin;
  return headers;
}

function isAllowed(allowed: StaticOrigin, origin: string): boolean {
  if (typeof allowed === "boolean") return allowed;
  if (typeof allowed === "string") return allowed === origin;
  // `search`, because `test` of a global expression remembers where it stood.
  if (allowed instanceof RegExp) return origin.search(allowed) !== -1;
  return allowed.some((one) => isAllowed(one, origin));
}

function setList(headers: Headers, name: string, value: string | readonly string[] | undefined): void {
  const text = typeof value === "string" ? value : value?.join(",");
  if (text) headers[name] = text;
}
