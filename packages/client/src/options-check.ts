import { editDistance } from "@bowline/protocol/internal";
import { LONGEST_DELAY } from "./engine/engine-options.ts";
import type { ClientOptions } from "./options.ts";
import { invalid } from "./url.ts";

/** What an option must be, in a test and in words. */
type Rule = readonly [fits: (value: unknown) => boolean, needs: string];

const isFunction = (value: unknown): boolean => typeof value === "function";
const isRecord = (value: unknown): boolean => typeof value === "object";
/** Numbers may be written as text, as they come out of an environment variable. */
const isNumber = (value: unknown): boolean => typeof value === "number" || typeof value === "string";
const isDuration = (value: unknown): boolean =>
  isNumber(value) && Number(value) > 0 && Number(value) <= LONGEST_DELAY;

const ANY: Rule = [() => true, ""];
const FLAG: Rule = [(value) => typeof value === "boolean", "true or false"];
const DURATION: Rule = [isDuration, "milliseconds, 1 or more"];
const DURATION_OR_DEFAULT: Rule = [(value) => value === 0 || isDuration(value), "milliseconds"];
const TEXT: Rule = [(value) => typeof value === "string", "a text"];
const RECORD: Rule = [isRecord, "an object"];
const FUNCTION: Rule = [isFunction, "a function"];

const RULES: Readonly<Record<keyof ClientOptions, Rule>> = {
  // Sockets and managers
  auth: [(value) => isFunction(value) || isRecord(value), "an object or a function"],
  ackTimeout: DURATION,
  retries: [(value) => isNumber(value) && Number(value) >= 0, "0 or more"],
  forceNew: FLAG,
  multiplex: FLAG,
  autoConnect: FLAG,
  timeout: [(value) => value === false || isDuration(value), "milliseconds, 1 or more, or false"],
  reconnection: FLAG,
  reconnectionAttempts: [(value) => isNumber(value) && Number(value) >= 0, "1 or more, or 0 for no limit"],
  resumption: [
    isResumption,
    'true, false, or { events: "transparent" or "classic", maxQueuedBytes: a number above 0 }',
  ],
  reconnectionDelay: DURATION_OR_DEFAULT,
  reconnectionDelayMax: DURATION_OR_DEFAULT,
  randomizationFactor: [(value) => isNumber(value) && Number(value) >= 0 && Number(value) <= 1, "0 to 1"],
  codec: RECORD,
  parser: [
    (value) => isRecord(value) && isFunction(Object(value).Encoder) && isFunction(Object(value).Decoder),
    "a parser: an object with an Encoder and a Decoder",
  ],
  onError: FUNCTION,
  env: RECORD,

  // Addresses
  path: [(value) => typeof value === "string" && /^(\/|$)/.test(value), 'a path like "/socket.io"'],
  addTrailingSlash: FLAG,
  query: [(value) => isRecord(value) || typeof value === "string", "an object"],
  hostname: TEXT,
  host: TEXT,
  port: [(value) => isNumber(value) && Number(value) >= 0, "a number"],
  secure: FLAG,
  timestampRequests: FLAG,
  timestampParam: TEXT,

  // Transports
  transports: [
    (value) => Array.isArray(value) && value.some(isTransport) && value.every(isKnownTransport),
    'a list of "websocket", "sse" and "polling"; classes are not taken',
  ],
  tryAllTransports: FLAG,
  upgrade: FLAG,
  rememberUpgrade: FLAG,
  transportTimeout: DURATION,
  headStart: DURATION,
  upgradeInterval: DURATION,
  transportOptions: [isRecord, "an object of options by the name of the transport"],
  requestTimeout: DURATION_OR_DEFAULT,
  forceBase64: FLAG,
  extraHeaders: RECORD,
  withCredentials: FLAG,
  protocols: [(value) => typeof value === "string" || Array.isArray(value), "a list"],
  closeOnBeforeunload: FLAG,
  useNativeTimers: FLAG,

  // Node: what the platform checks is left to it
  autoUnref: FLAG,
  perMessageDeflate: [(value) => typeof value === "boolean" || isRecord(value), "true, false or an object"],
  agent: ANY,
  pfx: ANY,
  key: ANY,
  passphrase: ANY,
  cert: ANY,
  ca: ANY,
  ciphers: ANY,
  rejectUnauthorized: FLAG,
  checkServerIdentity: FUNCTION,
  localAddress: TEXT,
  family: [(value) => value === 4 || value === 6 || value === 0, "4 or 6"],
};

export const OPTION_NAMES: readonly string[] = Object.keys(RULES).sort();

function isResumption(value: unknown): boolean {
  if (!isRecord(value)) return typeof value === "boolean";
  const { events = "classic", maxQueuedBytes = 1, ...others } = value as Record<string, unknown>;
  const isKnown = events === "transparent" || events === "classic";
  return isKnown && Number(maxQueuedBytes) > 0 && Object.keys(others).length === 0;
}

function isTransport(name: unknown): boolean {
  return name === "websocket" || name === "sse" || name === "polling";
}

function isKnownTransport(name: unknown): boolean {
  return isTransport(name) || name === "webtransport";
}

/**
 * Everywhere but in the minified files, which have options-check-lean.ts.
 * @throws RealtimeError `invalid_argument` on a name or a value that cannot be, with what could.
 */
export function checkOptions(options: ClientOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(RULES, name) && RULES[name as keyof ClientOptions];
    if (!rule) throw invalid(`unknown option "${name}"; ${hint(name)}`);
    if (value != null && !rule[0](value)) throw invalid(`option "${name}" must be ${rule[1]}`);
  }
}

/** The server that is named by options instead of a URL, if one is. */
export function addressOf(
  { host, hostname = host, port, secure }: ClientOptions,
  pageUrl: string | undefined,
): string | undefined {
  // As the page's own, if there is a page and not what env-node.ts has instead.
  const isSecure = secure ?? /^https:(?!.*\.invalid$)/.test(pageUrl ?? "");
  const scheme = isSecure ? "https" : "http";
  return hostname && `${scheme}://${hostname}${port ? `:${port}` : ""}`;
}

/** The option that was probably meant, or all there are. */
function hint(name: string): string {
  const [nearest, edits] = OPTION_NAMES.map(
    (other) => [other, editDistance(name.toLowerCase(), other.toLowerCase())] as const,
  ).reduce((one, other) => (other[1] < one[1] ? other : one));
  return edits <= name.length / 3 ? `did you mean "${nearest}"?` : `there are ${OPTION_NAMES.join(", ")}`;
}
