import { contain, type Listener } from "@bowline/protocol/internal";
import { addressOf, checkOptions } from "#check";
import { envFor } from "#env";
import { codecOf } from "#extras";
import type { Env } from "./env.ts";
import { type ClientOptions, DEFAULTS, type Report, type ResolvedOptions } from "./options.ts";
import { parseUrl } from "./url.ts";

/**
 * Defaults filled in, in a new object. What is nothing, 0 and "" included, is the default, as in Socket.IO.
 * @throws RealtimeError `invalid_argument` on a name or a value that cannot be, with what could.
 */
export function resolveOptions(url: string | undefined, given: ClientOptions): ResolvedOptions {
  checkOptions(given);
  const { env = envFor(given), codec = codecOf(given.parser) } = given;
  const all: Record<string, unknown> = { ...given };
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    if (all[name] !== false) all[name] ||= standard;
  }
  const options = all as unknown as ResolvedOptions;
  const { query, ...target } = parseUrl(url ?? addressOf(given, env.pageUrl), env.pageUrl);
  const { resumption } = options;
  return {
    ...options,
    // `true` has no fields.
    resumption: resumption && { ...resumption, maxQueuedBytes: resumption.maxQueuedBytes || 1 << 24 },
    ...target,
    env,
    codec,
    query: { ...parseQuery(given.query), ...query },
    report: reporter(env, options.onError),
  };
}

function parseQuery(query: ClientOptions["query"]): object | undefined {
  return typeof query === "string" ? Object.fromEntries(new URLSearchParams(query)) : query;
}

function reporter(env: Env, onError: Report | undefined): Report {
  const last = (error: unknown): void => env.reportError(error);
  return onError ? (...error) => contain(onError as Listener, error, last) : last;
}
