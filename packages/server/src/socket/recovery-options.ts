import { isOptionGroup, isPositive, type OptionChecks } from "./option-group.ts";
import type { LogLimits } from "./recovery-log.ts";

/** The first two are Socket.IO's, the limits ours. */
export interface ConnectionStateRecoveryOptions {
  /** How long a client may be away, in milliseconds. Default 120 000. */
  maxDisconnectionDuration?: number;
  /** Whether the middleware is not asked again about who comes back. Default true. */
  skipMiddlewares?: boolean;
  /** What a namespace keeps of what it sent, in bytes. Default 33 554 432. */
  maxLogBytes?: number;
  /** The same in events. Default 100 000. */
  maxLogEvents?: number;
  /** Of how many clients that are away a namespace knows; the one that is away longest goes. Default 50 000. */
  maxSessions?: number;
}

/** What became of them: complete, checked, frozen. */
export interface RecoveryOptions {
  readonly maxAwayMs: number;
  readonly skipsMiddleware: boolean;
  readonly maxSessions: number;
  readonly log: LogLimits;
}

const CHECKS: OptionChecks<ConnectionStateRecoveryOptions> = {
  maxDisconnectionDuration: isPositive,
  skipMiddlewares: (value) => typeof value === "boolean",
  maxLogBytes: isPositive,
  maxLogEvents: isPositive,
  maxSessions: isPositive,
};

/** Whether it can be the option; `explain` of the option's check says what it must be. */
export function isRecoveryOption(value: unknown): boolean {
  return isOptionGroup("connectionStateRecovery", CHECKS, value);
}

/** `silenceMs` is how long a link may be dead before the heartbeat tells. */
export function resolveRecovery(
  option: ConnectionStateRecoveryOptions | boolean | undefined,
  silenceMs: number,
): RecoveryOptions | undefined {
  if (!option) return undefined;
  const given = option === true ? {} : option;
  const maxAwayMs = given.maxDisconnectionDuration ?? 120_000;
  return Object.freeze({
    maxAwayMs,
    skipsMiddleware: given.skipMiddlewares ?? true,
    maxSessions: given.maxSessions ?? 50_000,
    log: Object.freeze({
      maxBytes: given.maxLogBytes ?? 32 * 1024 * 1024,
      maxEvents: given.maxLogEvents ?? 100_000,
      // The time away counts from when the server noticed; what was sent into a dead link is older by as much.
      maxAgeMs: maxAwayMs + silenceMs,
    }),
  });
}

/** The option again, complete, as adapters made for Socket.IO read it. */
export function givenRecovery({
  maxAwayMs,
  skipsMiddleware,
  maxSessions,
  log,
}: RecoveryOptions): Required<ConnectionStateRecoveryOptions> {
  return {
    maxDisconnectionDuration: maxAwayMs,
    skipMiddlewares: skipsMiddleware,
    maxLogBytes: log.maxBytes,
    maxLogEvents: log.maxEvents,
    maxSessions,
  };
}
