import { uwsUnderTest } from "./hosts.ts";
import { middlewareTest } from "./middleware.ts";

middlewareTest(uwsUnderTest);
