import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { beforeAll, describe, expect, test } from "vitest";
import { run } from "../npm.ts";
import { pack, type Packed, type PackageName, PACKAGES } from "../packed.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let packed: Readonly<Record<PackageName, Packed>>;
beforeAll(async () => (packed = await pack()));

interface Manifest {
  readonly [field: string]: unknown;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifest = (name: PackageName): Manifest =>
  JSON.parse(readFileSync(`${ROOT}packages/${name}/package.json`, "utf8")) as Manifest;

describe.each(PACKAGES)("@bowline/%s", (name) => {
  test("satisfies publint", async () => {
    const bytes = readFileSync(packed[name].tarball);
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball }, level: "suggestion", strict: true });
    const told = messages.map((message) => formatMessage(message, pkg, { color: false }));
    expect(told).toEqual([]);
  });

  test("has types wherever TypeScript resolves it (attw)", async () => {
    // Left out: resolution from before `exports`, which sees the main entry only; the warning that `require` gets an
    // ES module, which every Node that we support takes; and the files for pages.
    const choice = ["--profile", "node16", "--ignore-rules", "cjs-resolves-to-esm"];
    const scripts = Object.keys(manifest(name).exports).filter((path) => path.startsWith("./dist/"));
    const args = [packed[name].tarball, ...choice, "--exclude-entrypoints", "./bowline.min.js", ...scripts];
    const { stdout } = await run(`${ROOT}tests/node_modules/.bin/attw`, args, { cwd: ROOT }); // 1 on a problem
    expect(stdout).toContain(`${packed[name].name} v${packed[name].version}`);
  });

  test("needs no package manager to rewrite its manifest", () => {
    const { dependencies = {}, peerDependencies = {} } = manifest(name);
    for (const [other, range] of Object.entries({ ...dependencies, ...peerDependencies })) {
      expect(range, other).toMatch(other.startsWith("@bowline/") ? /^\d+\.\d+\.\d+$/ : /^(\^|>=)\d+/);
    }
  });

  test("has every file that its manifest names, and its sources for debuggers", () => {
    const { exports, main, types } = manifest(name);
    const named = Object.values(exports).flatMap((to) => (typeof to === "string" ? [to] : Object.values(to)));
    const files = new Set(packed[name].files);
    for (const path of [main, types, ...named]) expect(files).toContain(String(path).replace("./", ""));
    for (const path of files) {
      if (!path.startsWith("dist/") || !path.endsWith(".js.map")) continue;
      const map = JSON.parse(readFileSync(`${ROOT}packages/${name}/${path}`, "utf8")) as MapFile;
      if (map.sourcesContent) continue; // a bundle has them inside
      for (const source of map.sources) expect(files, path).toContain(resolveFrom(path, source));
    }
  });

  test("has a readme, its licence and a changelog, and no tests", () => {
    const { files } = packed[name];
    expect(files).toEqual(expect.arrayContaining(["README.md", "LICENSE", "CHANGELOG.md"]));
    expect(files.filter((path) => /\.test(-d)?\.|\.tsbuildinfo$|\.log$/.test(path))).toEqual([]);
    const license = readFileSync(`${ROOT}packages/${name}/LICENSE`, "utf8");
    expect(license).toBe(readFileSync(`${ROOT}LICENSE`, "utf8"));
  });

  test("says what a registry's page shows", () => {
    expect(manifest(name)).toMatchObject({
      version: manifest("server").version,
      description: expect.stringMatching(/.{20}/),
      keywords: expect.arrayContaining(["realtime", "socket.io"]),
      license: "MIT",
      engines: { node: ">=20.19" },
      publishConfig: { access: "public", provenance: true },
    });
  });
});

interface MapFile {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly string[];
}

/** "dist/socket/a.js.map" and "../../src/socket/a.ts" make "src/socket/a.ts". */
function resolveFrom(file: string, relative: string): string {
  return new URL(relative, `file:///${file}`).pathname.slice(1);
}
