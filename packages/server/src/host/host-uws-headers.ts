import type { UwsRequest } from "./uws-api.ts";

/** Of these Node keeps the first; a second one is an attempt to be read differently by a proxy. */
const SINGLE: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

export interface CopiedHeaders {
  /** In lower case, without a prototype, repeated ones joined as Node joins them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's length is said twice, or in two ways: request smuggling. uWS itself takes it. */
  readonly isAmbiguous: boolean;
}

export function copyHeaders(request: UwsRequest): CopiedHeaders {
  const headers: Record<string, string> = Object.create(null);
  let lengths = 0;
  request.forEach((name, value) => {
    if (name === "content-length" || name === "transfer-encoding") lengths++;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (name === "cookie") headers[name] = `${before}; ${value}`;
    else if (!SINGLE.has(name)) headers[name] = `${before}, ${value}`;
  });
  return { headers, isAmbiguous: lengths > 1 };
}

/** As Node writes it: dotted, or the shortest IPv6 notation; an IPv4 peer of a dual socket is `::ffff:1.2.3.4`. */
export function formatAddress(address: ArrayBuffer): string {
  const bytes = new Uint8Array(address);
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return "";
  const isMapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return `::ffff:${bytes.subarray(12).join(".")}`;
  const view = new DataView(address);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16));
  return compress(groups.join(":"));
}

/** `::` stands for the first of the longest runs of zero groups. */
function compress(address: string): string {
  const runs = address.match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), "");
  if (longest === "") return address;
  const at = address.search(new RegExp(`\\b${longest}\\b`));
  return `${address.slice(0, at).replace(/:$/, "")}::${address.slice(at + longest.length).replace(/^:/, "")}`;
}
