import type { HostRequest } from "../host/host.ts";
import type { EngineIncoming } from "./incoming.ts";
import { parseQuery, type Query } from "./query.ts";

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

export function describeConnection(request: HostRequest, openedAt: number): ConnectionInfo {
  return new RequestInfo(request, openedAt);
}

/** There is one for as long as the connection, so it keeps nothing that can be had of something else. */
class RequestInfo implements ConnectionInfo {
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
  readonly remoteAddress: string;
  readonly secure: boolean;
  readonly openedAt: number;
  #query: Query | undefined;

  constructor(request: HostRequest, openedAt: number) {
    const { headers, path, query, remoteAddress, secure, native } = request;
    this.headers = headers;
    // `join` makes one text of it, where `+` would hold its parts together.
    this.url = query === "" ? path : [path, query].join("?");
    this.remoteAddress = remoteAddress;
    this.secure = secure;
    this.openedAt = openedAt;
    // If somebody had it to look at, it stays the same object.
    this.#query = (native as Partial<EngineIncoming> | undefined)?._query;
  }

  get query(): Query {
    const question = this.url.indexOf("?");
    this.#query ??= parseQuery(question === -1 ? "" : this.url.slice(question + 1));
    return this.#query;
  }
}
