import { RealtimeError } from "@bowline/protocol";
import { editDistance } from "@bowline/protocol/internal";

export type OptionCheck = (value: unknown) => boolean;
/** What a value must be, and the same in words for the message. */
export type OptionRule = readonly [OptionCheck, string];

export const isCount: OptionCheck = (value) =>
  typeof value === "number" && Number.isFinite(value) && value > 0;
export const isBoolean: OptionCheck = (value) => typeof value === "boolean";
export const isFunction: OptionCheck = (value) => typeof value === "function";
export const isObject: OptionCheck = (value) => typeof value === "object" && value !== null;
export const isToggle: OptionCheck = (value) => isBoolean(value) || isObject(value);

/** What differs by more letters is not a misspelling. */
const MOST_EDITS = 2;

/** What people pass to a server and what is meant for, or called otherwise by, somebody else. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  origins: 'is of Socket.IO 2; write cors: { origin: "https://example.com" }',
  handlePreflightRequest: "is of Socket.IO 2; write cors: { … }",
  maxPayload: "is called maxHttpBufferSize",
  heartbeatInterval: "is called pingInterval",
  heartbeatTimeout: "is called pingTimeout",
};
const OF_CLIENTS: ReadonlySet<string> = new Set(
  `ackTimeout agent auth autoConnect autoUnref closeOnBeforeunload extraHeaders forceBase64 forceNew hostname multiplex
  port protocols query randomizationFactor reconnection reconnectionAttempts reconnectionDelay reconnectionDelayMax
  rejectUnauthorized rememberUpgrade requestTimeout retries secure timeout timestampParam timestampRequests
  transportOptions tryAllTransports upgrade useNativeTimers withCredentials`.split(/\s+/),
);

/**
 * `null` is read as nothing, and so is what Socket.IO reads so. A name that is nobody's passes: see `foreignOptions`.
 * @throws RealtimeError `invalid_argument` on an option that is mistaken for one of these, or cannot be.
 */
export function checkOptions(options: object, rules: Readonly<Record<string, OptionRule>>): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    const mistake = rule ? undefined : mistaken(name, Object.keys(rules));
    if (mistake) throw new RealtimeError("invalid_argument", mistake);
    if (!rule || value === undefined || value === null || rule[0](value)) continue;
    const what = `the option "${name}" must be ${rule[1]}; it is ${describe(value)}`;
    throw new RealtimeError("invalid_argument", what);
  }
}

/**
 * Options that there are not and that resemble none. A plugin hands its own options on together with ours, so they are
 * no reason not to start; but they are told of.
 */
export function foreignOptions(
  options: object,
  rules: Readonly<Record<string, OptionRule>>,
): readonly RealtimeError[] {
  const known = Object.keys(rules);
  const foreign = Object.keys(options).filter(
    (name) => !Object.hasOwn(rules, name) && !mistaken(name, known),
  );
  return foreign.map((name) => {
    const what = `there is no option "${name}", so it does nothing here; the options are ${known.join(", ")}`;
    return new RealtimeError("invalid_argument", what);
  });
}

/** What to write instead, where it can be told what was meant. */
function mistaken(name: string, known: readonly string[]): string | undefined {
  const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  if (elsewhere) return `the option "${name}" ${elsewhere}`;
  if (OF_CLIENTS.has(name))
    return `the option "${name}" is the client's: pass it to io("https://…", { ${name}: … })`;
  const close = known.find((one) => editDistance(name.toLowerCase(), one.toLowerCase()) <= MOST_EDITS);
  return close && `there is no option "${name}"; do you mean "${close}"?`;
}

function describe(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}
