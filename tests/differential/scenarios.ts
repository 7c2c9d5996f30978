import type { Scenario } from "./scenario.ts";
import { acks } from "./scenarios/acks.ts";
import { connecting } from "./scenarios/connecting.ts";
import { disconnects } from "./scenarios/disconnects.ts";
import { middleware } from "./scenarios/middleware.ts";

export const SCENARIOS: readonly Scenario[] = [...acks, ...connecting, ...disconnects, ...middleware];
