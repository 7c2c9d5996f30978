import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { uwsUnderTest } from "./hosts.ts";
import { middlewareTest } from "./middleware.ts";

if (uwsMissing === undefined) middlewareTest(uwsUnderTest);
else test.skip(`uWebSockets.js: NOT RUN, it cannot be loaded here: ${uwsMissing}`, () => {});
