import { contain, leanCodec, type Listener } from "@bowline/protocol/internal";
import { type ClientOptions, COMMON_DEFAULTS, type ResolvedOptions } from "../options.ts";
import { env } from "./env.ts";

/**
 * What the file that knows WebSockets only has as `#options`. Names are TypeScript's to check, and an address has a scheme, or
 * is a namespace on the page's server. SPEC C83.
 * @throws what `URL` does
 */
export function resolveOptions(url: string | undefined, given: ClientOptions): ResolvedOptions {
  const options: Record<string, unknown> = { ...given };
  for (const [name, standard] of Object.entries(COMMON_DEFAULTS)) {
    if (options[name] !== false) options[name] ||= standard;
  }
  const { protocol, host, pathname, searchParams } = new URL(url || "/", globalThis.location?.href);
  return {
    ...(options as unknown as ResolvedOptions),
    // Not `origin`: where the scheme was left out that would be the page's in the end, and no error.
    origin: `${protocol}//${host}`,
    namespace: decodeURI(pathname),
    query: Object.fromEntries([
      ...new URLSearchParams((given.query || "") as Record<string, string>),
      ...searchParams,
    ]),
    env,
    codec: leanCodec,
    report: (...error) => {
      if (given.onError) contain(given.onError as Listener, error, reportError);
      else reportError(error[0]);
    },
  };
}
