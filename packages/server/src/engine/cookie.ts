import { RealtimeError } from "@bowline/protocol";

/** As the `cookie` package has them; `name` is Engine.IO's. */
export interface CookieOptions {
  /** Default `io`. */
  readonly name?: string;
  /** Default `/`. */
  readonly path?: string;
  readonly domain?: string;
  /** Default true. */
  readonly httpOnly?: boolean;
  /** Default `lax`; true is `strict`. */
  readonly sameSite?: boolean | "strict" | "lax" | "none";
  readonly secure?: boolean;
  /** Seconds. */
  readonly maxAge?: number;
  readonly expires?: { toUTCString(): string };
  readonly partitioned?: boolean;
  readonly priority?: "low" | "medium" | "high";
  readonly encode?: (value: string) => string;
}

const DEFAULTS: CookieOptions = { name: "io", path: "/", httpOnly: true, sameSite: "lax" };
/** RFC 6265, 4.1.1: a token, and what may stand in an attribute. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/;

/** A function that makes the header's value for a session's id. */
export type Cookie = (sessionId: string) => string;

/** @throws RealtimeError `invalid_argument`, now and not when the first peer comes. */
export function cookieOf(options: CookieOptions): Cookie {
  const { name = "io", encode = encodeURIComponent, ...rest } = { ...DEFAULTS, ...options };
  if (!TOKEN.test(name))
    throw new RealtimeError("invalid_argument", `cookie.name: "${name}" is no cookie's name`);
  const attributes = attributesOf(rest);
  return (sessionId) => `${name}=${encode(sessionId)}${attributes}`;
}

function attributesOf(options: CookieOptions): string {
  const { maxAge, domain, path, expires, priority } = options;
  if (maxAge !== undefined && !Number.isFinite(maxAge)) {
    throw new RealtimeError("invalid_argument", `cookie.maxAge must be seconds; it is ${maxAge}`);
  }
  const parts = [
    maxAge !== undefined && `Max-Age=${Math.floor(maxAge)}`,
    domain && `Domain=${attribute("domain", domain)}`,
    path && `Path=${attribute("path", path)}`,
    expires && `Expires=${expires.toUTCString()}`,
    options.httpOnly && "HttpOnly",
    options.secure && "Secure",
    options.partitioned && "Partitioned",
    priority && `Priority=${capital(priority)}`,
    options.sameSite && `SameSite=${options.sameSite === true ? "Strict" : capital(options.sameSite)}`,
  ];
  return parts.map((part) => (part ? `; ${part}` : "")).join("");
}

function attribute(name: string, value: string): string {
  if (ATTRIBUTE.test(value)) return value;
  throw new RealtimeError("invalid_argument", `cookie.${name}: "${value}" cannot stand in a cookie`);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
