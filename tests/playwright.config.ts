import { fileURLToPath } from "node:url";
import { defineConfig, type Project } from "@playwright/test";

/** Which HTTP server stands under the chat that a test starts. */
export interface HostOptions {
  bowlineHost: "node" | "uws";
}

// Playwright is told where the browsers are; it downloads none.
const browsers = {
  chromium: {
    browserName: "chromium",
    launchOptions: { executablePath: process.env["BOWLINE_CHROMIUM"] ?? "/usr/bin/chromium" },
  },
  firefox: {
    browserName: "firefox",
    channel: "moz-firefox", // an unpatched Firefox, driven by WebDriver BiDi
    launchOptions: { executablePath: process.env["BOWLINE_FIREFOX"] ?? "/usr/bin/firefox-esr" },
  },
} as const;

const project = (browser: keyof typeof browsers, host: HostOptions["bowlineHost"]): Project<HostOptions> => ({
  name: `${browser}-${host}`,
  metadata: { bowlineHost: host },
  use: { ...browsers[browser], bowlineHost: host },
});

// No webServer: each test starts its own chat on a free port (fixtures.ts).
export default defineConfig<HostOptions>({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "../.report/playwright",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: [
    ["list"],
    ["json", { outputFile: fileURLToPath(new URL("../.report/playwright.json", import.meta.url)) }],
  ],
  projects: [
    project("chromium", "node"),
    project("chromium", "uws"),
    project("firefox", "node"),
    project("firefox", "uws"),
  ],
});
