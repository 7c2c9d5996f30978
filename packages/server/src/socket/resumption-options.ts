import { WRITABLE_BELOW_BYTES } from "../engine/transport.ts";
import { isOptionGroup, isPositive, isWhole, type OptionChecks } from "./option-group.ts";

/** How long, and up to which size, a socket whose link broke is kept for its client, which must be one of ours. */
export interface ResumptionOptions {
  /** How long a socket waits for its client, in milliseconds. Default 120 000. */
  window?: number;
  /** What is kept for one socket until its client confirmed it, in bytes. Default 1 048 576. */
  maxBytes?: number;
  /** The same in events. Default 8 192. */
  maxEvents?: number;
  /** What is kept for all sockets, in bytes; those that wait longest for their clients lose theirs first. Default 268 435 456. */
  maxTotalBytes?: number;
  /** How many sockets wait for their clients at one time; the one that waits longest ends. Default 10 000. */
  maxSuspended?: number;
  /**
   * What the application sees of a break. `transparent`, the default: the socket goes on, and `socket.resumption` tells.
   * `classic`: as with connection state recovery, `disconnect`, then `connection` with a socket that has `recovered`.
   */
  events?: "transparent" | "classic";
}

/** What became of them: complete, checked, frozen. */
export interface ResumptionSettings {
  readonly windowMs: number;
  readonly maxBytes: number;
  /** More than that waits for a peer that does not read, and no more is written. */
  readonly stallAboveBytes: number;
  readonly maxEvents: number;
  readonly maxTotalBytes: number;
  readonly maxSuspended: number;
  readonly isClassic: boolean;
}

const CHECKS: OptionChecks<ResumptionOptions> = {
  window: isPositive,
  maxBytes: isPositive,
  maxEvents: isWhole,
  maxTotalBytes: isPositive,
  maxSuspended: isWhole,
  events: (value) => value === "transparent" || value === "classic",
};

/** Whether it can be the option; `RESUMPTION_WORDS` says what it must be. */
export function isResumptionOption(value: unknown): boolean {
  return isOptionGroup("resumption", CHECKS, value);
}

export const RESUMPTION_WORDS =
  'true, false, or { window, maxBytes, maxEvents, maxTotalBytes, maxSuspended, events: "transparent" or "classic" }, numbers above 0, whole where they count';

export function resolveResumption(
  option: ResumptionOptions | boolean | undefined,
): ResumptionSettings | undefined {
  if (option === false) return undefined;
  const given = option === true || option == null ? {} : option;
  const { maxBytes = 1024 * 1024 } = given;
  return Object.freeze({
    windowMs: given.window ?? 120_000,
    maxBytes,
    // That less than this has left no host might tell.
    stallAboveBytes: Math.max(maxBytes, WRITABLE_BELOW_BYTES),
    maxEvents: given.maxEvents ?? 8_192,
    maxTotalBytes: given.maxTotalBytes ?? 256 * 1024 * 1024,
    maxSuspended: given.maxSuspended ?? 10_000,
    isClassic: given.events === "classic",
  });
}
