import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const TSC = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url));
const TYPES = fileURLToPath(new URL("../../node_modules/@types/", import.meta.url));
const PACKAGES = fileURLToPath(new URL("../../packages/", import.meta.url));

/** The built declarations, without comments and strings. `npm test` builds before it tests. */
function declarations(): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of ["protocol", "server", "client"]) {
    for (const entry of readdirSync(`${PACKAGES}${name}/dist`, { recursive: true, encoding: "utf8" })) {
      if (!entry.endsWith(".d.ts")) continue;
      const text = readFileSync(`${PACKAGES}${name}/dist/${entry}`, "utf8");
      files.set(`${name}/${entry}`, text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$|"(?:[^"\\]|\\.)*"/gm, ""));
    }
  }
  return files;
}

function filesWith(pattern: RegExp): string[] {
  return [...declarations()].filter(([, text]) => pattern.test(text)).map(([file]) => file);
}

test("[P5] `Untyped` is the only public type that is any", () => {
  expect(declarations().size).toBeGreaterThan(40);
  const anys = /(?:[:<,|&(=]|extends|is)\s*any\b/;
  expect(filesWith(anys)).toEqual(["protocol/events.d.ts"]);
  const events = declarations().get("protocol/events.d.ts");
  expect(events?.match(new RegExp(anys, "g"))).toHaveLength(1);
  expect(events).toContain("export type Untyped = any;");
});

test("what our files need of each other is not in the declarations", () => {
  // `_query` of a request is Engine.IO's name, and users read it.
  expect(filesWith(/^\s+(?:readonly |get )?_(?!query:)[a-z]\w*[(:?]/m)).toEqual([]);
});

test("the declarations stand by themselves, without skipLibCheck", () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-types-"));
  const files = [...declarations().keys()]
    .filter((file) => !file.includes("/testing/"))
    .map((file) => PACKAGES + file.replace("/", "/dist/"));
  // What a user's compiler reads: what our files need of each other is stripped, and whoever said that it is there is not.
  const compilerOptions = {
    module: "nodenext",
    target: "es2022",
    types: ["node"],
    typeRoots: [TYPES],
    noEmit: true,
  };
  const options = { ...compilerOptions, strict: true, skipLibCheck: false };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
  const { stdout } = spawnSync(TSC, ["-p", folder], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  expect(stdout).toBe("");
});
