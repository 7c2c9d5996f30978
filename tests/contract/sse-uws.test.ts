import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { uwsUnderTest } from "./hosts.ts";
import { sseTest } from "./sse.ts";

if (uwsMissing === undefined) sseTest(uwsUnderTest);
else
  test.skip(`server-sent events on uWebSockets.js: NOT RUN, it cannot be loaded here: ${uwsMissing}`, () => {});
