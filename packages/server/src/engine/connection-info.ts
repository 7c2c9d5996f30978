import type { HostRequest } from "../host/host.ts";
import type { Query } from "./query.ts";

/** What is known of a peer from the request that opened its session. */
export interface ConnectionInfo {
  /** In lower case, without a prototype. */
  readonly headers: Readonly<Record<string, string>>;
  /** Path and query, as sent. */
  readonly url: string;
  /** Parsed, without a prototype; of a repeated name the last. */
  readonly query: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  readonly secure: boolean;
  /** Epoch milliseconds. */
  readonly openedAt: number;
}

export function describeConnection(request: HostRequest, query: Query, openedAt: number): ConnectionInfo {
  return {
    headers: request.headers,
    url: request.query === "" ? request.path : `${request.path}?${request.query}`,
    query,
    remoteAddress: request.remoteAddress,
    secure: request.secure,
    openedAt,
  };
}
