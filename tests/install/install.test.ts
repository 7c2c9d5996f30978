import { afterAll, describe, expect, inject, test } from "vitest";
import { closeBrowser, hasBrowser, openPage } from "../browser.ts";
import { unlessOffline } from "../npm.ts";
import { type Names, Project } from "./project.ts";

// Empty projects outside the workspace, in which npm installs the packed packages as it would from a registry.

const TOOLS = {
  esbuild: "0.28.2",
  vite: "8.3.8",
  webpack: "5.112.2",
  "webpack-cli": "7.3.1",
  typescript: "7.0.2",
  typescript5: "npm:typescript@5.9.3",
};
const TSC5 = "node_modules/typescript5/lib/tsc.js";

const COMPILERS = [
  ["7", "bundler", { module: "esnext", moduleResolution: "bundler" }],
  ["7", "nodenext", { module: "nodenext" }],
  ["5.9", "bundler", { module: "esnext", moduleResolution: "bundler" }],
  ["5.9", "nodenext", { module: "nodenext" }],
  ["5.9", "node", { module: "commonjs", moduleResolution: "node", esModuleInterop: true }],
] as const;

type Program = readonly [file: string, said: string];
const COMMONJS: readonly Program[] = [
  ["talk.cjs", "hello world\n"],
  ["function.cjs", "hello function\n"],
];
const PROGRAMS: readonly Program[] = [
  ["talk.mjs", "hello world\n"],
  ["port.mjs", "hello port\n"],
];

const packed = inject("packed");
const projects: Readonly<Record<Names | "bare", Project>> = {
  bare: new Project("own"),
  own: new Project("own"),
  alias: new Project("alias"),
};
const online = await unlessOffline(async () => {
  await projects.bare.install(packed);
  await projects.own.install(packed, TOOLS);
  await projects.alias.install(packed, TOOLS);
});
afterAll(async () => {
  await closeBrowser();
  for (const project of Object.values(projects)) project.remove();
});

/** The title that a page of the project has once the server has answered it. */
async function titleOf(project: Project, folder: string, serve = "serve.mjs"): Promise<string> {
  project.take("serve.mjs");
  return project.serving([serve, folder], async (address) => {
    const problems: string[] = [];
    const page = await openPage(problems);
    await page.goto(address);
    const changed = page.waitForFunction(() => document.title !== "waiting");
    await changed.catch((error: unknown) => problems.push(String(error)));
    const title = await page.title();
    await page.close();
    expect(problems).toEqual([]);
    return title;
  });
}

describe.skipIf(!online)("an empty project", () => {
  test("gets the packages and the few that they stand on, and no uWebSockets.js", () => {
    expect(projects.bare.installed().toSorted()).toEqual([
      "@bowline/client",
      "@bowline/protocol",
      "@bowline/server",
      "@types/node",
      "@types/ws",
      "debug",
      "ms",
      "undici-types",
      "ws",
    ]);
  });

  test("runs a server without uWebSockets.js", async () => {
    const program = `
      import { Server } from "@bowline/server";
      const io = new Server(0);
      console.log((await io.ready).host, (await io.ready).reason);
      await io.close();
    `;
    const printed = await projects.bare.node("--input-type=module", "-e", program);
    expect(printed).toBe("node:http uWebSockets.js is not installed\n");
  });
});

describe.skipIf(!online).each(["own", "alias"] as const)("under the %s names", (names) => {
  const project = projects[names];

  test.each([...PROGRAMS, ...COMMONJS])("Node runs %s", async (file, said) => {
    project.take(file);
    expect(await project.node(file)).toBe(said);
  });

  test.skipIf(!hasBrowser)("Vite builds a page", async () => {
    project.take("page.js", "index.html");
    expect(await project.bin("vite", "build", "--logLevel", "warn")).toBe("");
    expect(await titleOf(project, "dist")).toBe("hello page");
  });

  test.skipIf(!hasBrowser)("esbuild bundles a page, and the server that serves it", async () => {
    project.take("page.js", "index.html", "serve.mjs");
    const bundle = ["--bundle", "--log-level=warning"];
    const page = ["page.js", ...bundle, "--format=esm", "--outfile=esbuild/page.js"];
    expect(await project.bin("esbuild", ...page)).toBe("");
    const server = ["serve.mjs", ...bundle, "--platform=node", "--outfile=esbuild/serve.cjs"];
    expect(await project.bin("esbuild", ...server)).toBe("");
    project.copy("index.html", "esbuild/index.html");
    expect(await titleOf(project, "esbuild", "esbuild/serve.cjs")).toBe("hello page");
  });

  test.each(PROGRAMS)("esbuild bundles %s for Node, as an ES module and as CommonJS", async (file, said) => {
    project.take(file);
    const bundle = [file, "--bundle", "--log-level=warning", "--platform=node"];
    expect(await project.bin("esbuild", ...bundle, "--outfile=esbuild/bundle.cjs")).toBe("");
    expect(await project.node("esbuild/bundle.cjs")).toBe(said);
    // In an ES module, what CommonJS packages such as ws require must come from somewhere; this line is the usual one.
    const banner =
      'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
    const module = ["--format=esm", `--banner:js=${banner}`, "--outfile=esbuild/bundle.mjs"];
    expect(await project.bin("esbuild", ...bundle, ...module)).toBe("");
    expect(await project.node("esbuild/bundle.mjs")).toBe(said);
  });

  test.skipIf(!hasBrowser)("webpack bundles a page", async () => {
    project.take("page.js", "index.html");
    const to = ["--output-path", "webpack", "--output-filename", "page.js"];
    await project.bin("webpack", "./page.js", "--mode", "production", "--target", "web", ...to);
    project.copy("index.html", "webpack/index.html");
    expect(await titleOf(project, "webpack")).toBe("hello page");
  });

  test.each(PROGRAMS)("webpack bundles %s for Node", async (file, said) => {
    project.take(file);
    const to = ["--output-path", "webpack", "--output-filename", "bundle.cjs"];
    const printed = await project.bin(
      "webpack",
      `./${file}`,
      "--mode",
      "production",
      "--target",
      "node",
      ...to,
    );
    expect(printed).not.toMatch(/(WARNING|ERROR) in \.\/node_modules\/(socket\.io|@bowline)/);
    expect(await project.node("webpack/bundle.cjs")).toBe(said);
  });

  // Under our own names the newest compiler; code that moves over comes with older ones.
  test.each(names === "own" ? COMPILERS.slice(0, 2) : COMPILERS)(
    "TypeScript %s resolves the types by %s",
    async (version, _resolution, how) => {
      project.take("typed.ts");
      // skipLibCheck is off: what our declarations import must be there too.
      const options = {
        ...how,
        target: "es2022",
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        types: ["node"],
      };
      project.write("tsconfig.json", JSON.stringify({ compilerOptions: options, files: ["typed.ts"] }));
      if (version === "7") expect(await project.bin("tsc", "-p", ".")).toBe("");
      else expect(await project.node(TSC5, "-p", ".")).toBe("");
    },
  );
});
