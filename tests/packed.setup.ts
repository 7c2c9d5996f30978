import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type AllPacked, KEPT, pack } from "./packed.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The packages, packed once for all test files. */
    readonly packed: AllPacked;
  }
}

const DAY_MS = 86_400_000;

export async function setup(project: TestProject): Promise<void> {
  project.provide("packed", await pack());
  // Every content has a tarball of its own, and nobody needs those of other days.
  const folder = join(KEPT, "tarballs");
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > DAY_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}
