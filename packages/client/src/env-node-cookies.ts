import type { LinkOptions } from "./env.ts";

/**
 * What servers and balancers set, for who says `withCredentials`: without them a balancer with sticky sessions sends
 * each poll to another server. As in a browser, but for one server only, so domains and paths are left aside.
 */
export interface CookieJar {
  /** The headers of a request: those of the options, and the cookies. */
  headers(options: LinkOptions): Record<string, string>;
  take(options: LinkOptions, setCookie: readonly string[] | undefined): void;
}

interface Cookie {
  readonly value: string;
  /** Epoch milliseconds. */
  readonly expires: number;
}

export function cookieJar(now: () => number = Date.now): CookieJar {
  const cookies = new Map<string, Cookie>();
  return {
    headers({ withCredentials, extraHeaders }) {
      const headers = { ...extraHeaders };
      if (!withCredentials) return headers;
      const own = Object.keys(headers).find((name) => name.toLowerCase() === "cookie");
      const pairs = own === undefined ? [] : [headers[own]];
      for (const [name, { value, expires }] of cookies) {
        if (expires > now()) pairs.push(`${name}=${value}`);
        else cookies.delete(name);
      }
      if (pairs.length > 0) headers[own ?? "cookie"] = pairs.join("; ");
      return headers;
    },
    take({ withCredentials }, setCookie) {
      if (!withCredentials) return;
      for (const text of setCookie ?? []) {
        const [name, cookie] = parse(text, now());
        if (name) cookies.set(name, cookie);
      }
    },
  };
}

/** RFC 6265, section 5.2, as far as it is about time: `Max-Age` wins, and a time that is none is over. */
function parse(text: string, now: number): [name: string, cookie: Cookie] {
  const [pair = "", ...attributes] = text.split(";");
  const [name, value] = split(pair);
  let expires = Infinity;
  let maxAge: number | undefined;
  for (const attribute of attributes) {
    const [key, given] = split(attribute);
    if (key.toLowerCase() === "expires") expires = Date.parse(given) || 0;
    if (key.toLowerCase() === "max-age") maxAge = now + (Number(given) * 1000 || 0);
  }
  return [name, { value: value.replace(/^"(.*)"$/, "$1"), expires: maxAge ?? expires }];
}

function split(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  return at < 0 ? ["", ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
