import { bothEnds } from "./both-ends.ts";

bothEnds("node");
