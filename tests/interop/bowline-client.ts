import { io } from "@bowline/client";
import type { Dial } from "./cell.ts";

/** Ours. */
export const dialBowline: Dial = (url, options) => io(url, options);
