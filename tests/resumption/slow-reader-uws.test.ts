import { test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { slowReaderTests } from "./slow-reader.ts";

if (uwsMissing) test.skip(`[U16] ${uwsMissing}`, () => {});
else slowReaderTests("uws");
