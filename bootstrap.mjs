// `npm start`, `npm test` and `npm run test:nodes` begin here, on bare Node: gets pnpm, installs, hands over to the tools.
// Nothing that needs installing may be imported.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));
const at = (...parts) => join(root, ...parts);
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

const browsers = [
  { name: "chromium", package: "chromium", variable: "BOWLINE_CHROMIUM", usual: "/usr/bin/chromium" },
  { name: "firefox", package: "firefox-esr", variable: "BOWLINE_FIREFOX", usual: "/usr/bin/firefox-esr" },
].map((browser) => ({ ...browser, path: resolve(process.env[browser.variable] || browser.usual) }));

const redis = { package: "redis-server", variable: "BOWLINE_REDIS", usual: "/usr/bin/redis-server" };
const nginx = { package: "nginx", variable: "BOWLINE_NGINX", usual: "/usr/sbin/nginx" };
for (const tool of [redis, nginx]) tool.path = resolve(process.env[tool.variable] || tool.usual);
// Its programs stand in a folder that is called as the version.
const postgres = { package: "postgresql", usual: "/usr/lib/postgresql", path: "/usr/lib/postgresql" };

const env = {
  ...process.env,
  ...Object.fromEntries(browsers.map((browser) => [browser.variable, browser.path])),
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  DO_NOT_TRACK: "1",
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1",
  PATH: [at("node_modules", ".bin"), at("tests", "node_modules", ".bin"), process.env.PATH].join(delimiter),
};

class StepFailed extends Error {}

const running = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    // Ctrl-C in a terminal reaches the children by itself; a second one would cut their shutdown short.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    for (const child of running) child.kill(signal);
  });
}

/** Runs a command to its end; `output` is empty where the caller let it be shown as it comes. */
function run(command, args, { stdio = ["ignore", "pipe", "pipe"], extraEnv = {} } = {}) {
  return new Promise((settle) => {
    let output = "";
    const child = spawn(command, args, { cwd: root, env: { ...env, ...extraEnv }, stdio });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => (output += text));
    }
    const end = (code) => {
      running.delete(child);
      settle({ code, output });
    };
    child.on("error", (error) => {
      output += `${error.message}\n`;
      end(127);
    });
    child.on("close", (code, signal) => end(code ?? 128 + constants.signals[signal]));
  });
}

const report = (name, code, began) =>
  console.log(`${code === 0 ? "✓" : "✗"} ${name} ${((performance.now() - began) / 1000).toFixed(1)} s`);

/** One line with name and time; a quiet step's output only if it fails, and then nothing more runs. */
async function step(name, command, args, options) {
  const began = performance.now();
  const { code, output } = await run(command, args, options);
  if (code !== 0) process.stdout.write(output);
  report(name, code, began);
  if (code !== 0) throw new StepFailed(name);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Bowline needs Node 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}

/** Skipped while lockfile and Node are those of the last install. */
async function install() {
  const stamp = at("node_modules", ".bowline-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(at("pnpm-lock.yaml")))
    .update(process.version)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const pnpm = readJson(at("package.json")).packageManager.split("+")[0];
  // Whatever NODE_ENV says, the tools are needed; and nobody is there to answer a question.
  const flags = ["--frozen-lockfile", "--prefer-offline", "--prod=false"];
  await step("install", "npx", ["-y", pnpm, "install", ...flags, "--config.confirmModulesPurge=false"]);
  writeFileSync(stamp, wanted);
}

const build = () => step("build", "turbo", ["run", "build", "--output-logs=errors-only"]);

async function start() {
  await install();
  await build();
  const { code } = await run(process.execPath, [at("apps/chat/dist/server/main.js")], { stdio: "inherit" });
  process.exitCode = code;
}

const missing = (browser) => !existsSync(browser.path);

/** Fetches what lacks of these, where we may; elsewhere the tests say what is missing. */
async function installDebian(wanted) {
  if (wanted.length === 0 || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  const began = performance.now();
  const names = wanted.map((tool) => tool.package);
  // Runlevel 1: a service that the package brings is not started.
  const options = { extraEnv: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" } };
  const lock = ["-o", "DPkg::Lock::Timeout=300"];
  const update = await run("apt-get", ["update", "-qq", ...lock], options);
  const done = await run("apt-get", ["install", "-y", "--no-install-recommends", ...lock, ...names], options);
  if (done.code !== 0) process.stdout.write(update.output + done.output);
  report(`apt-get ${names.join(" ")}`, done.code, began);
}

const lacking = (tools) => tools.filter((tool) => missing(tool) && tool.path === tool.usual);

/** The Nodes that are current besides the oldest that we support; `npm test` runs on whichever it is started with. */
const NODES = ["22", "24"];

/** A Node of that version as npm has it: a package with the binary, in npx's cache. */
async function fetchNode(version) {
  const began = performance.now();
  const os = { win32: "win" }[process.platform] ?? process.platform;
  const name = `node-${os}-${process.arch}@${version}`;
  const { code, output } = await run("npx", ["-y", "-p", name, "-c", "node -p process.execPath"]);
  if (code !== 0) process.stdout.write(output);
  report(`fetch ${name}`, code, began);
  if (code !== 0) throw new StepFailed(name);
  return output.trim().split("\n").at(-1);
}

/**
 * The tests of the packages under each of them; what needs uWebSockets.js says itself that it cannot run where its
 * binary does not load. Types, lint and packages are the same on every Node.
 */
async function nodes() {
  const versions = process.argv.length > 3 ? process.argv.slice(3) : NODES;
  await count(async () => {
    await install();
    await build();
    const fits = ["--typecheck.enabled=false", "--exclude=tests/package/**"];
    const failed = [];
    for (const version of versions) {
      const node = await fetchNode(version);
      const vitest = [
        at("node_modules/vitest/vitest.mjs"),
        "run",
        "--config",
        "tests/vitest.config.ts",
        ...fits,
      ];
      const to = `--outputFile.json=.report/node-${version}.json`;
      // Whether one fails or not, what the others do is wanted too.
      await step(`vitest on Node ${version}`, node, [...vitest, to], {
        stdio: ["ignore", "inherit", "inherit"],
      }).catch((error) => failed.push(error));
    }
    if (failed.length > 0) throw failed[0];
    return 0;
  });
}

/** How many tests Playwright would run in these projects. */
async function countEndToEnd(projects) {
  const args = ["test", "--config", "tests/playwright.config.ts", "--list", "--reporter=json", ...projects];
  const { output } = await run("playwright", args, { stdio: ["ignore", "pipe", "ignore"] });
  const count = ({ suites = [], specs = [] }) =>
    suites.map(count).reduce((sum, n) => sum + n, 0) +
    specs.reduce((sum, spec) => sum + spec.tests.length, 0);
  return count(JSON.parse(output));
}

/** Returns how many tests were left out for want of a browser. */
async function endToEnd() {
  const projects = (list) => list.map((browser) => `--project=${browser.name}-*`);
  const absent = browsers.filter(missing);
  const present = browsers.filter((browser) => !missing(browser));
  const skipped = absent.length > 0 ? await countEndToEnd(projects(absent)) : 0;
  for (const { name, path, package: debian, variable } of absent) {
    console.log(`!! NOT RUN: the end-to-end tests in ${name}, because ${path} is missing.`);
    console.log(`!! Install it (Debian: apt-get install ${debian}) or name another binary in ${variable}.`);
  }
  if (present.length > 0) {
    const args = ["test", "--config", "tests/playwright.config.ts", ...projects(present)];
    await step("playwright", "playwright", args, { stdio: ["ignore", "inherit", "inherit"] });
  }
  return skipped;
}

/** Sums the reports as [passed, failed, skipped]; a report that was not written adds nothing. */
function tally() {
  const read = (name) => (existsSync(at(".report", name)) ? readJson(at(".report", name)) : undefined);
  const reports = ["vitest", "outside", ...NODES.map((version) => `node-${version}`)];
  const rows = reports.map((name) => {
    const vitest = read(`${name}.json`);
    if (!vitest) return undefined;
    const unread = vitest.testResults.filter((file) => file.status === "failed" && !file.assertionResults[0]);
    const failed = vitest.numFailedTests + unread.length;
    return [vitest.numPassedTests, failed, vitest.numPendingTests + vitest.numTodoTests];
  });
  const e2e = read("playwright.json")?.stats;
  if (e2e) rows.push([e2e.expected + e2e.flaky, e2e.unexpected, e2e.skipped]);
  return rows.reduce((sum, row) => (row ? sum.map((n, i) => n + row[i]) : sum), [0, 0, 0]);
}

/** Runs steps, which say how many tests could not run, and ends with the sum of all reports. */
async function count(steps) {
  rmSync(at(".report"), { recursive: true, force: true }); // an old report must not be counted
  let notRun = 0;
  let broken = false;
  try {
    notRun = await steps();
  } catch (error) {
    if (!(error instanceof StepFailed)) console.log(error);
    broken = true;
  }
  const [passed, failures, left] = tally();
  const failed = broken ? Math.max(failures, 1) : failures; // a step with no test to blame is one failure
  const skipped = left + notRun;
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
}

async function test() {
  const servicesReady = installDebian(lacking([redis, nginx, postgres]));
  const browsersReady = servicesReady.then(() => installDebian(lacking(browsers)));
  await count(async () => {
    try {
      await install();
      await build();
      await step("lint", "oxlint", []);
      await step("format", "oxfmt", ["--check"]);
      await step("types", "tsc", ["-p", "tests/tsconfig.json", "--noEmit"]);
      await servicesReady;
      const vitest = ["run", "--config", "tests/vitest.config.ts"];
      await step("vitest", "vitest", vitest, { stdio: ["ignore", "inherit", "inherit"] });
      await browsersReady;
      const outside = ["run", "--config", "tests/vitest.outside.config.ts"];
      await step("installs and apps", "vitest", outside, { stdio: ["ignore", "inherit", "inherit"] });
      return await endToEnd();
    } finally {
      await browsersReady; // dpkg is never left half way
    }
  });
}

checkNode();
const task =
  { start, test, nodes }[process.argv[2]] ??
  (() => Promise.reject("usage: node bootstrap.mjs start | test | nodes [version …]"));
await task().catch((error) => {
  if (!(error instanceof StepFailed)) console.error(error);
  process.exitCode = 1;
});
