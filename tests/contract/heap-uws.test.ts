import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { heapTest } from "./heap.ts";
import { uwsUnderTest } from "./hosts.ts";

if (uwsMissing === undefined) heapTest(uwsUnderTest);
else test.skip(`uWebSockets.js: NOT RUN, it cannot be loaded here: ${uwsMissing}`, () => {});
