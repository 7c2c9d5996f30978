interface Accepted {
  readonly name: string;
  readonly quality: number;
}

/**
 * The best of `offered` by an `Accept-Encoding` header, `undefined` for none: by quality, then by the header's own
 * order, then by ours. Read as the `negotiator` package reads it, which Socket.IO asks.
 */
export function negotiateEncoding<Name extends string>(
  header: string | undefined,
  offered: readonly Name[],
): Name | undefined {
  if (!header) return undefined;
  const accepted = header.split(",").map(parse);
  let best: { name: Name; quality: number; isExact: boolean; at: number } | undefined;
  for (const name of offered) {
    const exact = accepted.findLastIndex((one) => one.name === name);
    const at = exact === -1 ? accepted.findLastIndex((one) => one.name === "*") : exact;
    const quality = accepted[at]?.quality ?? 0;
    if (!(quality > 0)) continue;
    const isExact = exact !== -1;
    const isBetter =
      !best ||
      quality > best.quality ||
      (quality === best.quality && (isExact !== best.isExact ? isExact : at < best.at));
    if (isBetter) best = { name, quality, isExact, at };
  }
  return best?.name;
}

function parse(text: string): Accepted {
  const [name = "", ...parameters] = text.split(";");
  const quality = parameters
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith("q="));
  return {
    name: name.trim().toLowerCase(),
    quality: quality === undefined ? 1 : Number.parseFloat(quality.slice(2)),
  };
}
