import { contain, type Listener } from "@bowline/protocol/internal";
import { addressOf, checkOptions } from "#check";
import { envFor } from "#env";
import { codecOf } from "#extras";
import { type ClientOptions, DEFAULTS, type ResolvedOptions } from "./options.ts";
import { parseUrl } from "./url.ts";

/**
 * Defaults filled in, in a new object. What is nothing, 0 and "" included, is the default, as in Socket.IO.
 * @throws RealtimeError `invalid_argument` on a name or a value that cannot be, with what could.
 */
export function resolveOptions(url: string | undefined, given: ClientOptions): ResolvedOptions {
  checkOptions(given);
  const { env = envFor(given), codec = codecOf(given.parser) } = given;
  const options: Record<string, unknown> = { ...given };
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    if (options[name] !== false) options[name] ||= standard;
  }
  const { query, ...target } = parseUrl(url ?? addressOf(given, env.pageUrl), env.pageUrl);
  return {
    ...(options as unknown as ResolvedOptions),
    ...target,
    env,
    codec,
    query: {
      ...Object.fromEntries(new URLSearchParams((given.query || "") as Record<string, string>)),
      ...query,
    },
    report: (...error) => {
      const last = (failure: unknown): void => env.reportError(failure);
      if (given.onError) contain(given.onError as Listener, error, last);
      else last(error[0]);
    },
  };
}
