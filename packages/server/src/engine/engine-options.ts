import type { Clock } from "@bowline/protocol/internal";
import type { HostRequest } from "../host/host.ts";
import type { CorsOptions } from "./cors.ts";
import type { TransportName } from "./transport.ts";

/** What the engine needs of the world; `options.ts` builds it. */
export interface EngineRuntime {
  readonly clock: Clock;
  /** Unguessable, URL-safe, 20 characters. */
  createId(): string;
  /** Time of day, ISO or epoch, for the handshake that users read. */
  wallClock(): number;
}

/** Resolved and frozen; `options.ts` has the defaults and what each means. */
export interface EngineOptions {
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly upgradeTimeoutMs: number;
  readonly maxPayload: number;
  readonly transports: readonly TransportName[];
  readonly allowUpgrades: boolean;
  readonly cors: CorsOptions | undefined;
  /** Rejects or throws to refuse; the message goes to the peer with code 4. */
  readonly allowRequest: ((request: HostRequest) => void | Promise<void>) | undefined;
}
