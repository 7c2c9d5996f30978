import { hostSuite } from "@bowline/server/testing";
import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { uwsUnderTest } from "./hosts.ts";

if (uwsMissing === undefined) hostSuite(uwsUnderTest);
else test.skip(`host uWebSockets.js: NOT RUN, it cannot be loaded here: ${uwsMissing}`, () => {});
