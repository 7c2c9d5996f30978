import { deflateTest } from "./deflate.ts";
import { uwsUnderTest } from "./hosts.ts";

deflateTest(uwsUnderTest);
