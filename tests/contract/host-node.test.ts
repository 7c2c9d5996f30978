import { hostSuite } from "@bowline/server/testing";
import { nodeUnderTest } from "./hosts.ts";

hostSuite(nodeUnderTest);
