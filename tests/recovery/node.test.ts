import { scenarios } from "./scenarios.ts";

scenarios("node");
