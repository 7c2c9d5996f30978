import { cutEverywhereTest } from "./cut-everywhere.ts";

cutEverywhereTest("node");
