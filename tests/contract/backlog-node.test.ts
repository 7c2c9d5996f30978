import { backlogTests } from "./backlog.ts";
import { nodeUnderTest } from "./hosts.ts";

backlogTests(nodeUnderTest);
