import { LONGEST_DELAY } from "./engine/engine-options.ts";
import type { ClientOptions } from "./options.ts";
import { invalid } from "./url.ts";

/** What an option must be, in a test and in words. */
type Rule = readonly [fits: (value: unknown) => boolean, needs: string];

const isFunction = (value: unknown): boolean => typeof value === "function";
const isRecord = (value: unknown): boolean => typeof value === "object";
const isDuration = (value: unknown): boolean =>
  typeof value === "number" && value > 0 && value <= LONGEST_DELAY;

const FLAG: Rule = [(value) => typeof value === "boolean", "true or false"];
const DURATION: Rule = [isDuration, "milliseconds, 1 or more"];
const RECORD: Rule = [isRecord, "an object"];

const RULES: Readonly<Record<keyof ClientOptions, Rule>> = {
  path: [(value) => typeof value === "string" && value[0] === "/", 'a path like "/socket.io"'],
  query: RECORD,
  transports: [
    (value) => Array.isArray(value) && value.length > 0 && value.every(isTransport),
    'a list of "websocket" and "polling"',
  ],
  upgrade: FLAG,
  transportTimeout: DURATION,
  timeout: [(value) => value === false || isDuration(value), "milliseconds, 1 or more, or false"],
  extraHeaders: RECORD,
  withCredentials: FLAG,
  addTrailingSlash: FLAG,
  autoConnect: FLAG,
  reconnection: FLAG,
  reconnectionAttempts: [
    (value) => typeof value === "number" && value >= 1,
    "1 or more, or reconnection: false",
  ],
  reconnectionDelay: DURATION,
  reconnectionDelayMax: DURATION,
  randomizationFactor: [(value) => typeof value === "number" && value >= 0 && value <= 1, "0 to 1"],
  forceNew: FLAG,
  multiplex: FLAG,
  codec: RECORD,
  onError: [isFunction, "a function"],
  env: RECORD,
  auth: [(value) => isFunction(value) || isRecord(value), "an object or a function"],
  ackTimeout: DURATION,
  retries: [(value) => typeof value === "number" && value >= 0, "0 or more"],
};

export const OPTION_NAMES: readonly string[] = Object.keys(RULES).sort();

function isTransport(name: unknown): boolean {
  return name === "websocket" || name === "polling";
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

/** The option that was probably meant, or all there are. */
function hint(name: string): string {
  const [nearest, edits] = OPTION_NAMES.map(
    (other) => [other, distance(name.toLowerCase(), other.toLowerCase())] as const,
  ).reduce((one, other) => (other[1] < one[1] ? other : one));
  return edits <= name.length / 3 ? `did you mean "${nearest}"?` : `there are ${OPTION_NAMES.join(", ")}`;
}

/** How many letters must be put in, left out or changed (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of from.split("").entries()) {
    const next = [line + 1];
    for (const [column, other] of to.split("").entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
