import { expect, test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { bothEnds } from "./both-ends.ts";

if (uwsMissing === undefined) bothEnds("uws");
else test.skip(uwsMissing, () => expect.unreachable());
