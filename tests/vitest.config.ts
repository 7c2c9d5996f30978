import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// `@bowline/source` leads to the packages' .ts files, so that tests need no build.
const conditions = ["@bowline/source", "node"];

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "tests/{adapters,adversary,bench,client,compare,contract,differential,faults,pair,interop,package,order,recovery,resumption,soak}/**/*.test.ts",
    ],
    typecheck: {
      enabled: true,
      checker: "tsc",
      tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)),
      include: ["{packages/*/src,tests}/**/*.test-d.ts"],
      ignoreSourceErrors: true, // all other files are the business of `tsc -p tests`
    },
    // A process per file: a native crash of uWebSockets.js costs that file only. Two at a time: the tests
    // measure times, and each may start servers of its own.
    pool: "forks",
    maxWorkers: 2,
    execArgv: ["--expose-gc"], // heap tests
    expect: { poll: { timeout: 15_000 } }, // how long it may take on a busy machine, not how long it takes
    testTimeout: 20_000,
    hookTimeout: 20_000,
    passWithNoTests: false,
    allowOnly: false,
    reporters: ["default", "json"],
    outputFile: { json: ".report/vitest.json" },
  },
});
