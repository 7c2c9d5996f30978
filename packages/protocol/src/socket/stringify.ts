/** What JSON has to escape: quotes, backslashes, control characters, and halves of surrogate pairs (ECMA-262, 25.5.2.3). */
// oxlint-disable-next-line no-control-regex -- JSON escapes them
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;
/** Longer ones are for JSON.stringify, which needs no copy of them. */
const LONGEST = 1_000;

/**
 * What JSON.stringify gives, or `undefined` if it gives nothing. What most acks are, and many events, a few short texts and
 * numbers, is put together here: that takes half of the time, and JSON.stringify was a seventh of an event with its ack.
 * @throws what JSON.stringify does
 */
export function stringifyJson(data: unknown): string | undefined {
  return (Array.isArray(data) && plain(data)) || (JSON.stringify(data) as string | undefined);
}

/** Nothing if there is anything else in it. */
function plain(values: readonly unknown[] & { toJSON?: unknown }): string | undefined {
  // First, so that an object at the end costs nothing.
  for (const value of values) if (!isPlain(value)) return undefined;
  if (values.toJSON !== undefined) return undefined;
  let json = "";
  for (const value of values) {
    if (json !== "") json += ",";
    json += typeof value === "string" ? `"${value}"` : String(value);
  }
  return `[${json}]`;
}

function isPlain(value: unknown): boolean {
  if (typeof value === "string") return value.length <= LONGEST && !ESCAPED.test(value);
  return typeof value === "number" ? Number.isFinite(value) : typeof value === "boolean" || value === null;
}
