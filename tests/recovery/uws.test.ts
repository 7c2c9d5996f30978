import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { scenarios } from "./scenarios.ts";

if (uwsMissing) test.skip(`[R2] ${uwsMissing}`, () => {});
else scenarios("uws");
