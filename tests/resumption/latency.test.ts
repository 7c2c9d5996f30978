import { test } from "vitest";
import { HOSTS } from "./hosts.ts";
import { latencyTest } from "./streams.ts";

// In a process of its own and one after the other: what else one does is what the other waits for.
test.each(HOSTS)(
  "[V1, V11] %s: of 60 messages a second over a stream 99 in 100 are 10 ms late at most, and one GET has all",
  latencyTest,
);
