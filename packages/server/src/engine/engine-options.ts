import type { Frame } from "@bowline/protocol";
import type { Clock } from "@bowline/protocol/internal";
import type { IncomingMessage } from "../host/host.ts";
import type { AllowRequest } from "./admission.ts";
import type { ConnectionInfo } from "./connection-info.ts";
import type { Cookie } from "./cookie.ts";
import type { Cors } from "./cors.ts";
import type { HttpCompression } from "./transport-polling.ts";
import type { SseSettings } from "./transport-sse.ts";
import type { TransportName } from "./transport.ts";

/** What the engine needs of the world; `runtime.ts` builds it. */
export interface EngineRuntime {
  readonly clock: Clock;
  /** Unguessable, URL-safe, 20 characters. */
  createId(): string;
  /** Time of day, ISO or epoch, for the handshake that users read. */
  wallClock(): number;
  /** A request in the shape of node:http, for hosts that have no such object. */
  createIncoming(info: ConnectionInfo): IncomingMessage;
}

/** Resolved and frozen; `options.ts` has the defaults and what each means. */
export interface EngineOptions {
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly upgradeTimeoutMs: number;
  readonly maxPayload: number;
  readonly transports: readonly TransportName[];
  readonly allowUpgrades: boolean;
  readonly sse: SseSettings;
  readonly cors: Cors | undefined;
  readonly allowRequest: AllowRequest | undefined;
  /** Set with the answer to a handshake over polling. */
  readonly cookie: Cookie | undefined;
  readonly httpCompression: HttpCompression | undefined;
  /** A message that every session gets first. */
  readonly initialPacket: Frame | undefined;
  /** What the open packet offers beyond Engine.IO, by name, with the version. */
  readonly extensions?: Readonly<Record<string, number>> | undefined;
}

/** To what a session on that transport may move up. */
export function upgradesOf({ allowUpgrades, transports }: EngineOptions, transport: string): TransportName[] {
  const isHttp = transport === "polling" || transport === "sse";
  return allowUpgrades && isHttp && transports.includes("websocket") ? ["websocket"] : [];
}
