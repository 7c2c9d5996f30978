import { defineConfig, mergeConfig } from "vitest/config";
import base from "../vitest.config.ts";

/** `pnpm compare:reliability`: the table at full length. Its exit code says whether ours shows what is expected of it. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], reporters: [] } },
  defineConfig({
    test: {
      include: ["tests/compare/**/*.compare.ts"],
      typecheck: { enabled: false },
      disableConsoleIntercept: true,
      reporters: ["tests/compare/reporter.ts"],
      testTimeout: 300_000,
    },
  }),
);
