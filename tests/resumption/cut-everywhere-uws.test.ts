import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { cutEverywhereTest } from "./cut-everywhere.ts";

if (uwsMissing) test.skip(`[U4] ${uwsMissing}`, () => {});
else cutEverywhereTest("uws");
