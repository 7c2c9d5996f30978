import { nodeUnderTest } from "../contract/hosts.ts";
import { waysTest } from "./ways.ts";

waysTest(nodeUnderTest);
