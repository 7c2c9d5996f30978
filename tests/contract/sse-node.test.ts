import { nodeUnderTest } from "./hosts.ts";
import { sseTest } from "./sse.ts";

sseTest(nodeUnderTest);
