import { compare } from "./compare.ts";
import { SCENARIOS } from "./scenarios.ts";

compare(SCENARIOS, ({ server }) => server === "uws");
