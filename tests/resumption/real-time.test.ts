import { describe, test } from "vitest";
import { HOSTS } from "./hosts.ts";
import { TOKENS, tokensTest } from "./tokens.ts";

const SEED = Number(process.env["BOWLINE_SEED"] ?? 1);

// What takes its time in seconds, all at once: mostly it waits.
describe.concurrent("in real time", () => {
  test.each(HOSTS)(
    `[U4, U43] %s: ${TOKENS} tokens at 60 a second both ways, the link cut every 500 ms at random bytes over all transports: both texts are whole`,
    { timeout: 60_000 },
    (host) => tokensTest(host, SEED),
  );
});
