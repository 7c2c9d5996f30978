import { describe, test } from "vitest";
import { controlTest, silenceTest } from "./control.ts";
import { HOSTS } from "./hosts.ts";
import { rotationTest } from "./streams.ts";
import { TOKENS, tokensTest } from "./tokens.ts";

const SEED = Number(process.env["BOWLINE_SEED"] ?? 1);

// What takes its time in seconds, all at once: mostly it waits.
describe.concurrent("in real time", () => {
  test.each(HOSTS)(
    `[U4, U43] %s: ${TOKENS} tokens at 60 a second both ways, the link cut every 500 ms at random bytes over all transports: both texts are whole`,
    { timeout: 60_000 },
    (host) => tokensTest(host, SEED),
  );

  test.each(HOSTS)(
    "[V6, V32] %s: a stream that ends each second, with a thousand events a second each way, loses nothing, and has one GET for each",
    rotationTest,
  );

  test.each(HOSTS)(
    "[U21, U1] %s: at a thousand events a second control is less than a byte for each, and no event is a byte longer",
    controlTest,
  );

  test.each([...HOSTS, "stock"] as const)(
    "[U1, V13] %s: nothing of ours is ever said to an end of Socket.IO's, and nothing of it moves up another way",
    silenceTest,
  );
});
