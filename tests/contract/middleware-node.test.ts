import { nodeUnderTest } from "./hosts.ts";
import { middlewareTest } from "./middleware.ts";

middlewareTest(nodeUnderTest);
