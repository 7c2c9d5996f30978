import { RealtimeError } from "@bowline/protocol";

export interface Target {
  /** Scheme, host, and the port unless it is the scheme's own. */
  readonly origin: string;
  readonly namespace: string;
  readonly query: Readonly<Record<string, string>>;
}

/** By its letters, because `new URL` would percent-encode and normalise the namespace. */
const NAMESPACE = /\/\/[^/?#]*([^?#]*)/;

/**
 * What `io(url)` names. The URL's path is the namespace, not the path of the requests. Without a scheme the page's
 * is taken, or https.
 * @throws RealtimeError `invalid_argument`
 */
export function parseUrl(url: string = "", pageUrl: string = ""): Target {
  const scheme = pageUrl.startsWith("http:") ? "http://" : "https://";
  const full = (/^(\/(?!\/)|$)/.test(url) ? pageUrl + url : url)
    .replace(/^(\/\/)?(?!\w+:\/\/|\/)/, scheme)
    .replace(/^ws/i, "http");
  try {
    const { origin, protocol, searchParams } = new URL(full);
    if (protocol.startsWith("http"))
      return {
        origin,
        namespace: NAMESPACE.exec(full)?.[1] || "/",
        query: Object.fromEntries(searchParams),
      };
  } catch {
    // The same.
  }
  throw invalid(`io("${url}") needs the server's address`);
}

/** Its own machine is reached whether or not there is a network. By name only, as in Socket.IO's client. */
export function isLocal(origin: string): boolean {
  return /\/\/localhost(:|$)/.test(origin);
}

export function invalid(message: string): RealtimeError {
  return new RealtimeError("invalid_argument", message);
}
