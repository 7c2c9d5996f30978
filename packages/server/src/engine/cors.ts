import type { HostHeaders, HostRequest, HostResponse } from "../host/host.ts";
import type { EngineIncoming } from "./incoming.ts";

/** What an allowed origin may be, once known. `true` reflects the request's own. */
export type StaticOrigin = boolean | string | RegExp | ReadonlyArray<boolean | string | RegExp>;

/** Answers through its callback, as in the `cors` package, or by returning, also later. */
export type OriginFunction = (
  origin: string | undefined,
  callback: (error: Error | null, origin?: StaticOrigin) => void,
) => StaticOrigin | void | Promise<StaticOrigin | void>;

/** The options of the `cors` package. */
export interface CorsOptions {
  /** Default `"*"`. What is falsy sends no headers at all. */
  readonly origin?: StaticOrigin | OriginFunction | undefined;
  /** Default `GET,HEAD,PUT,PATCH,POST,DELETE`. */
  readonly methods?: string | readonly string[] | undefined;
  /** Default: whatever the preflight asks for. */
  readonly allowedHeaders?: string | readonly string[] | undefined;
  /** The older name of `allowedHeaders`. */
  readonly headers?: string | readonly string[] | undefined;
  readonly exposedHeaders?: string | readonly string[] | undefined;
  /** Default `false`. */
  readonly credentials?: boolean | undefined;
  /** Seconds. */
  readonly maxAge?: number | string | undefined;
  /** Whether a preflight goes on to the middleware and the engine. Default false: it is answered at once. */
  readonly preflightContinue?: boolean | undefined;
  /** Default 204. */
  readonly optionsSuccessStatus?: number | undefined;
}

/** Decides per request, as in the `cors` package. */
export type CorsDelegate = (
  request: EngineIncoming,
  callback: (error: Error | null, options?: CorsOptions) => void,
) => void;

export type Cors = CorsOptions | CorsDelegate;

/** What becomes of a request. */
export interface CorsVerdict {
  /** For the answer, whatever it will be. */
  readonly headers: HostHeaders;
  /** It is a preflight, and this is the answer. */
  readonly answer?: HostResponse;
}

type Headers = Record<string, string>;

const DEFAULTS: CorsOptions = {
  origin: "*",
  methods: "GET,HEAD,PUT,PATCH,POST,DELETE",
  preflightContinue: false,
  optionsSuccessStatus: 204,
};
const NOT_CONCERNED: CorsVerdict = { headers: {} };

/** Rejects with what the application's functions fail with. */
export async function corsVerdict(
  cors: Cors,
  request: HostRequest,
  incoming: () => EngineIncoming,
): Promise<CorsVerdict> {
  const given = typeof cors === "function" ? await delegated(cors, incoming()) : cors;
  // As the package does it: an origin that is there and undefined is not the default, but none.
  const options: CorsOptions = { ...DEFAULTS, ...given };
  const origin = options.origin ? await resolveOrigin(options.origin, request.headers["origin"]) : false;
  if (!origin) return NOT_CONCERNED;
  const headers = originHeaders(origin, request.headers["origin"]);
  if (options.credentials === true) headers["Access-Control-Allow-Credentials"] = "true";
  if (request.method !== "OPTIONS") {
    setList(headers, "Access-Control-Expose-Headers", options.exposedHeaders);
    return { headers };
  }
  setPreflight(headers, options, request);
  return options.preflightContinue ? { headers } : { headers, answer: preflightAnswer(options, headers) };
}

function setPreflight(headers: Headers, options: CorsOptions, request: HostRequest): void {
  setList(headers, "Access-Control-Allow-Methods", options.methods);
  const allowed = options.allowedHeaders || options.headers;
  if (!allowed) headers["Vary"] = appended(headers["Vary"], "Access-Control-Request-Headers");
  setList(
    headers,
    "Access-Control-Allow-Headers",
    allowed || request.headers["access-control-request-headers"],
  );
  const { maxAge } = options;
  if (typeof maxAge === "number" || maxAge) headers["Access-Control-Max-Age"] = String(maxAge);
  setList(headers, "Access-Control-Expose-Headers", options.exposedHeaders);
}

function preflightAnswer({ optionsSuccessStatus = 204 }: CorsOptions, headers: Headers): HostResponse {
  return { status: optionsSuccessStatus, headers };
}

function delegated(cors: CorsDelegate, incoming: EngineIncoming): Promise<CorsOptions | undefined> {
  return new Promise((resolve, reject) => {
    cors(incoming, (error, options) => (error ? reject(error) : resolve(options)));
  });
}

async function resolveOrigin(
  option: StaticOrigin | OriginFunction,
  origin: string | undefined,
): Promise<StaticOrigin> {
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

function appended(list: string | undefined, name: string): string {
  return list === undefined ? name : `${list}, ${name}`;
}
