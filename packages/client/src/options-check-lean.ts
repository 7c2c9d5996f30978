import { type ClientOptions, DEFAULTS } from "./options.ts";
import { invalid } from "./url.ts";

/** Options that have no default. */
const OTHERS = "query randomizationFactor forceNew multiplex onError auth ackTimeout retries".split(" ");

/**
 * What the minified files have of options-check.ts: names are checked, and of the values their kind.
 * @throws RealtimeError `invalid_argument`
 */
export function checkOptions(options: ClientOptions): void {
  const kinds: Record<string, unknown> = DEFAULTS;
  for (const [name, value] of Object.entries(options)) {
    const standard = kinds[name];
    if (!Object.hasOwn(kinds, name) && !OTHERS.includes(name)) throw invalid(`unknown option "${name}"`);
    if (value && standard !== undefined && typeof value !== typeof standard) {
      throw invalid(`option "${name}" must be a ${typeof standard}`);
    }
  }
}
