import { ENGINE_PROTOCOL } from "@bowline/protocol";
import type { HostRequest, HostResponse } from "../host/host.ts";
import type { Query } from "./query.ts";
import type { TransportName } from "./transport.ts";

const MESSAGES = [
  "Transport unknown",
  "Session ID unknown",
  "Bad handshake method",
  "Bad request",
  "Forbidden",
  "Unsupported protocol version",
] as const;

/** Engine.IO's numbers: the position in the list of messages. */
export type RefusalCode = 0 | 1 | 2 | 3 | 4 | 5;

/** Why a request was not taken; what `connection_error` tells. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly status: number;
  readonly context: Readonly<Record<string, unknown>>;
}

/** What of a session decides about a request for it. */
export interface VerifiedSession {
  readonly transportName: TransportName;
  readonly movedFrom?: TransportName | undefined;
}

export interface Verification {
  readonly request: HostRequest;
  readonly query: Query;
  readonly isUpgrade: boolean;
  readonly transports: readonly TransportName[];
  /** The one that `query.sid` names, if there is one. */
  readonly session: VerifiedSession | undefined;
}

/** What Engine.IO calls the code, whatever the peer is told. */
export function messageOf(code: RefusalCode): string {
  return MESSAGES[code];
}

export function refuse(
  code: RefusalCode,
  context: Readonly<Record<string, unknown>>,
  message?: string,
): Refusal {
  return { code, message: message || MESSAGES[code], status: code === 4 ? 403 : 400, context };
}

/** For handshakes after `Engine.close()`: 503 tells a load balancer to look elsewhere. */
export function refuseClosed(): Refusal {
  return { code: 3, message: "Server is closing", status: 503, context: { name: "SERVER_CLOSING" } };
}

/** Whether the request may be taken, but for `allowRequest` and the protocol revision, which come after it. SPEC E7. */
export function verify(verification: Verification): Refusal | undefined {
  const { request, query, isUpgrade, transports } = verification;
  const transport = query["transport"];
  if (!transports.some((name) => name === transport)) return refuse(0, { transport });
  const origin = request.headers["origin"];
  // Field values may hold tabs and visible characters; anything else tries to smuggle.
  if (origin !== undefined && /[^\t\x20-\x7e\x80-\xff]/.test(origin)) {
    return refuse(3, { name: "INVALID_ORIGIN", origin });
  }
  const refusal = query["sid"] ? verifySession(verification, query["sid"]) : verifyHandshake(verification);
  if (refusal) return refusal;
  // A WebSocket that calls itself polling would be two things at once.
  return isUpgrade && transport !== "websocket"
    ? refuse(3, { name: "TRANSPORT_HANDSHAKE_ERROR" })
    : undefined;
}

/** A handshake must speak our revision; `EIO` absent means the third. */
export function verifyRevision(query: Query): Refusal | undefined {
  return speaksOurs(query) ? undefined : refuse(5, { protocol: 3 });
}

function verifyHandshake({ request, query, isUpgrade }: Verification): Refusal | undefined {
  if (request.method !== "GET") return refuse(2, { method: request.method });
  const isWebSocket = query["transport"] === "websocket";
  return isWebSocket && !isUpgrade ? refuse(3, { name: "TRANSPORT_HANDSHAKE_ERROR" }) : undefined;
}

function verifySession(
  { request, query, isUpgrade, session }: Verification,
  sid: string,
): Refusal | undefined {
  if (!session) return refuse(1, { sid });
  const previousTransport = session.transportName;
  // The next stream was asked for before the switch: SPEC V12.
  const isLate = request.method === "GET" && query["transport"] === "sse" && session.movedFrom === "sse";
  if (!isUpgrade && previousTransport !== query["transport"] && !isLate) {
    return refuse(3, { name: "TRANSPORT_MISMATCH", transport: query["transport"], previousTransport });
  }
  if (!speaksOurs(query))
    return refuse(3, { name: "PROTOCOL_MISMATCH", protocol: 3, previousProtocol: ENGINE_PROTOCOL });
  return undefined;
}

function speaksOurs(query: Query): boolean {
  return query["EIO"] === String(ENGINE_PROTOCOL);
}

/** The answer to a refused HTTP request. */
export function refusalResponse(refusal: Refusal): HostResponse {
  return {
    status: refusal.status,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code: refusal.code, message: refusal.message }),
  };
}

/** The answer to a refused upgrade: 400 whatever the code, as Engine.IO has it, and the bare message. */
export function upgradeRefusalResponse(refusal: Refusal): HostResponse {
  return {
    status: refusal.status === 403 ? 400 : refusal.status,
    headers: { "Content-Type": "text/html", Connection: "close" },
    body: refusal.message,
  };
}
