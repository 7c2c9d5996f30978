import type { TestProject } from "vitest/node";
import { type AllPacked, pack } from "./packed.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The packages, packed once for all test files. */
    readonly packed: AllPacked;
  }
}

export async function setup(project: TestProject): Promise<void> {
  project.provide("packed", await pack());
}
