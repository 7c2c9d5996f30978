import { LEGACY } from "#extras";

export interface BackoffOptions {
  readonly reconnectionDelay: number;
  readonly reconnectionDelayMax: number;
  readonly randomizationFactor?: number | undefined;
}

/**
 * How long to wait after `failures` failures in a row. A random part of a delay that doubles ("full jitter"), so that
 * the clients of a server that went away do not all return at once; or Socket.IO's formula, for who sets
 * `randomizationFactor`.
 */
export function backoffDelay(failures: number, options: BackoffOptions, chance: number): number {
  const { reconnectionDelay, reconnectionDelayMax: max, randomizationFactor: share } = options;
  const delay = reconnectionDelay * 2 ** failures;
  if (!LEGACY || share === undefined) return Math.round(chance * Math.min(max, delay));
  const deviation = Math.floor(chance * share * delay);
  const isLater = Math.floor(chance * 10) % 2 === 1;
  return Math.min(max, isLater ? delay + deviation : delay - deviation);
}
