import type { HostRequest, IncomingMessage } from "../host/host.ts";
import type { Query } from "./query.ts";

/** A request as listeners, `allowRequest`, `generateId` and `socket.request` see it: node's, with Engine.IO's `_query`. */
export interface EngineIncoming extends IncomingMessage {
  _query: Record<string, string>;
}

/** A `_query` that somebody put there before stands, as in Engine.IO. */
export function incomingOf(request: HostRequest, query: Query): EngineIncoming {
  const incoming = request.incoming as EngineIncoming;
  incoming._query ??= query;
  return incoming;
}
