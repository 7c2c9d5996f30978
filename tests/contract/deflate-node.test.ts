import { deflateTest } from "./deflate.ts";
import { nodeUnderTest } from "./hosts.ts";

deflateTest(nodeUnderTest);
