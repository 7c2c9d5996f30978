import { LEGACY } from "#extras";
import { type ClientOptions, DEFAULTS } from "./options.ts";
import { invalid } from "./url.ts";

/** Options that have no default. Of those for Node the one that pages are often given in vain. */
const OTHERS = (
  "auth ackTimeout forceNew multiplex onError query protocols" +
  (LEGACY ? " retries randomizationFactor hostname host port secure rejectUnauthorized" : "")
).split(" ");

/**
 * What the minified files have of options-check.ts: only names are checked.
 * @throws RealtimeError `invalid_argument`
 */
export function checkOptions(options: ClientOptions): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, name) && !OTHERS.includes(name)) throw invalid(`unknown option "${name}"`);
  }
}

/** A page's own, as for `io()` in Socket.IO. */
export function addressOf(): undefined {}
