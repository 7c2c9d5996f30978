import type { Untyped } from "@bowline/protocol";
import type { ConnectionInfo } from "../engine/connection-info.ts";

/** How a socket came to be; what a middleware decides on. */
export interface Handshake {
  /** In lower case, without a prototype; of the request that opened the connection. */
  readonly headers: Readonly<Record<string, string>>;
  /** When, as people read it. */
  readonly time: string;
  /** When, in epoch milliseconds. */
  readonly issued: number;
  readonly address: string;
  /** Whether the page comes from another origin: the request carries an `Origin`. */
  readonly xdomain: boolean;
  readonly secure: boolean;
  /** Path and query. */
  readonly url: string;
  readonly query: Readonly<Record<string, string>>;
  /** What the client passed as `auth`. The client's word: check it. */
  readonly auth: Readonly<Record<string, Untyped>>;
}

export function handshakeOf(info: ConnectionInfo, auth: object | undefined, time: string): Handshake {
  return {
    headers: info.headers,
    time,
    issued: info.openedAt,
    address: info.remoteAddress,
    xdomain: info.headers["origin"] !== undefined,
    secure: info.secure,
    url: info.url,
    query: info.query,
    auth: (auth ?? {}) as Record<string, unknown>,
  };
}
