import { sharedMicroseconds } from "./clock.ts";

/** As language models make them: four letters or so, and a space. */
const TOKEN = " token";

/** So many tokens at such a rate, each with the time at which it was made. Returns what stops it. */
export function streamTokens(
  count: number,
  perSecond: number,
  emit: (at: number, token: string) => void,
): () => void {
  let left = count;
  const timer = setInterval(() => {
    emit(sharedMicroseconds(), TOKEN);
    if (--left <= 0) clearInterval(timer);
  }, 1_000 / perSecond);
  return () => clearInterval(timer);
}
