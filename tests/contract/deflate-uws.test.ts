import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { deflateTest } from "./deflate.ts";
import { uwsUnderTest } from "./hosts.ts";

if (uwsMissing === undefined) deflateTest(uwsUnderTest);
else test.skip(`uWebSockets.js: NOT RUN, it cannot be loaded here: ${uwsMissing}`, () => {});
