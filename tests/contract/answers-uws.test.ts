import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { answersTest } from "./answers.ts";
import { uwsUnderTest } from "./hosts.ts";

if (uwsMissing === undefined) answersTest(uwsUnderTest);
else test.skip(`uWebSockets.js: NOT RUN, it cannot be loaded here: ${uwsMissing}`, () => {});
