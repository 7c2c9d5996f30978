import { RealtimeError } from "@bowline/protocol";

export interface Target {
  /** Scheme, host, and the port unless it is the scheme's own. */
  readonly origin: string;
  readonly namespace: string;
  readonly query: Readonly<Record<string, string>>;
}

// Not `new URL`: it would percent-encode and normalise the namespace, which goes to the server letter by letter.
const URL_PARTS =
  /^(?:(?:(http|ws)(s?):)?\/\/)?(?:[^/?#]*@)?(\[[\da-f:.]+\]|[^\s:[/?#]+)(:\d+)?(\/[^?#]*)?(?:\?([^#]*))?(#|$)/i;

/**
 * What `io(url)` names. The URL's path is the namespace, not the path of the requests. Without a scheme the page's
 * is taken, or https.
 * @throws RealtimeError `invalid_argument`
 */
export function parseUrl(url: string = "", pageUrl: string = ""): Target {
  const parts = URL_PARTS.exec(/^(\/(?!\/)|$)/.test(url) ? pageUrl + url : url);
  if (!parts) throw invalid(`io("${url}") needs the server's address`);
  const [, scheme, s, host = "", port = "", namespace = "/", query] = parts;
  const secure = scheme ? s : pageUrl.startsWith("http:") ? "" : "s";
  const shown = port === (secure ? ":443" : ":80") ? "" : port;
  return {
    origin: `http${secure}://${host}${shown}`.toLowerCase(),
    namespace,
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** Its own machine is reached whether or not there is a network. By name only, as in Socket.IO's client. */
export function isLocal(origin: string): boolean {
  return /\/\/localhost(:|$)/.test(origin);
}

export function invalid(message: string): RealtimeError {
  return new RealtimeError("invalid_argument", message);
}
