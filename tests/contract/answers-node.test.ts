import { answersTest } from "./answers.ts";
import { nodeUnderTest } from "./hosts.ts";

answersTest(nodeUnderTest);
