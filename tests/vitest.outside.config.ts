import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// What is tried outside the workspace, on the packed packages: installs, and apps that were written for Socket.IO.
// Needs a build, npm's registry (or its cache) and, for the pages, Chromium.
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    globalSetup: fileURLToPath(new URL("packed.setup.ts", import.meta.url)),
    include: ["tests/{install,apps}/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    expect: { poll: { timeout: 15_000 } }, // how long it may take on a busy machine, not how long it takes
    testTimeout: 30_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    allowOnly: false,
    reporters: ["default", "json"],
    outputFile: { json: ".report/outside.json" },
  },
});
