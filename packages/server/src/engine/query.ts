/** A query string as a record without a prototype; of a repeated name the last one counts, as in Socket.IO. */
export type Query = Readonly<Record<string, string>>;

/** Never throws: what is no valid escape stays as it is. */
export function parseQuery(text: string): Query {
  const query: Record<string, string> = Object.create(null);
  for (let start = 0; start < text.length;) {
    const next = text.indexOf("&", start);
    const end = next === -1 ? text.length : next;
    if (end > start) addPair(query, text.slice(start, end));
    start = end + 1;
  }
  return query;
}

function addPair(query: Record<string, string>, pair: string): void {
  const equals = pair.indexOf("=");
  if (equals === -1) query[decode(pair)] = "";
  else query[decode(pair.slice(0, equals))] = decode(pair.slice(equals + 1));
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Half an escape, or bytes that are no UTF-8. URLSearchParams reads those as a browser would; it is the slow way.
    return new URLSearchParams(`v=${text}`).get("v") ?? spaced;
  }
}
