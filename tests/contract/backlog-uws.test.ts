import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { backlogTests } from "./backlog.ts";
import { uwsUnderTest } from "./hosts.ts";

if (uwsMissing === undefined) backlogTests(uwsUnderTest);
else test.skip(`uWebSockets.js: NOT RUN, it cannot be loaded here: ${uwsMissing}`, () => {});
