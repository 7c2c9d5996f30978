import { expect, test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { websocketFile } from "./websocket-file.ts";

if (uwsMissing === undefined) websocketFile("uws");
else test.skip(uwsMissing, () => expect.unreachable());
