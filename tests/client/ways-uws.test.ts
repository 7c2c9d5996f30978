import { test } from "vitest";
import { uwsUnderTest } from "../contract/hosts.ts";
import { uwsMissing } from "../uws-app.ts";
import { waysTest } from "./ways.ts";

if (uwsMissing === undefined) waysTest(uwsUnderTest);
else test.skip(`ways to uWebSockets.js: NOT RUN, it cannot be loaded here: ${uwsMissing}`, () => {});
