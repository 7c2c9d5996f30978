import { contain, defaultCodec, type Listener } from "@bowline/protocol/internal";
import { checkOptions } from "#check";
import { env as platform } from "#env";
import type { Env } from "./env.ts";
import { type ClientOptions, DEFAULTS, type Report, type ResolvedOptions } from "./options.ts";
import { parseUrl } from "./url.ts";

/**
 * Defaults filled in, once; what others read is frozen.
 * @throws RealtimeError `invalid_argument` on a name or a value that cannot be, with what could.
 */
export function resolveOptions(url: string | undefined, given: ClientOptions): ResolvedOptions {
  checkOptions(given);
  const { env = platform, codec = defaultCodec } = given;
  const all: Record<string, unknown> = { ...given };
  for (const [name, standard] of Object.entries(DEFAULTS)) all[name] ??= standard;
  const options = all as unknown as ResolvedOptions;
  const target = parseUrl(url, env.pageUrl);
  return Object.freeze({
    ...options,
    ...target,
    env,
    codec,
    path: options.path.replace(/\/?$/, options.addTrailingSlash ? "/" : ""),
    query: { ...target.query, ...given.query },
    report: reporter(env, options.onError),
  });
}

function reporter(env: Env, onError: Report | undefined): Report {
  const last = (error: unknown): void => env.reportError(error);
  return onError ? (...error) => contain(onError as Listener, error, last) : last;
}
