import { heapTest } from "./heap.ts";
import { nodeUnderTest } from "./hosts.ts";

heapTest(nodeUnderTest);
