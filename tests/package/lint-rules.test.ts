import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The check that the checks can fail: a copy of our lint configuration over files that break each rule once.

interface Diagnostic {
  readonly code: string; // "eslint(max-params)"
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const lines = (count: number, line: string): string => `${line}\n`.repeat(count);

/** One broken rule per file: rule, place, text. */
const planted: readonly (readonly [rule: string, path: string, text: string])[] = [
  ["no-debugger", "apps/chat/server/a.ts", "debugger;"],
  ["no-explicit-any", "packages/server/src/any.ts", "export const a: any = 1;"],
  ["no-floating-promises", "packages/server/src/floating.ts", "Promise.resolve(1);"],
  ["no-floating-promises", "packages/server/src/floating.test.ts", "Promise.resolve(1);"],
  ["no-floating-promises", "tests/pair/floating.test.ts", "Promise.resolve(1);"],
  ["no-misused-promises", "packages/server/src/misused.ts", "if (Promise.resolve(true)) void 0;"],
  [
    "consistent-type-imports",
    "packages/server/src/type.ts",
    'import { B } from "./b.ts";\nexport type C = B;',
  ],
  ["consistent-type-imports", "packages/server/src/inline.ts", 'export type C = import("./b.ts").B;'],
  ["ban-ts-comment", "packages/server/src/ignore.ts", "// @ts-ignore\nexport const a = 1;"],
  ["ban-ts-comment", "packages/server/src/expect.ts", "// @ts-expect-error\nexport const a = 1;"],
  ["no-console", "packages/client/src/console.ts", "console.log(1);"],
  ["max-lines", "packages/client/src/long.ts", lines(401, "// a comment counts as well")],
  ["max-lines", "apps/chat/src/long.tsx", lines(400, "") + "export {};"],
  ["max-lines", "long.mjs", lines(400, "") + "export {};"],
  ["max-lines", "tests/pair/long.test.ts", lines(400, "") + "export {};"],
  [
    "max-lines-per-function",
    "packages/client/src/function.ts",
    `export function f(): void {\n${lines(59, "  // why")}}`,
  ],
  [
    "max-params",
    "packages/client/src/params.ts",
    "export type F = 1;\nexport const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => [a, b, c, d, e];",
  ],
  ["no-default-export", "packages/protocol/src/default.ts", "export default 1;"],
  ["no-namespace", "packages/server/src/namespace.ts", "export namespace N { export const a = 1; }"],
  [
    "parameter-properties",
    "packages/server/src/parameter.ts",
    "export class C { constructor(readonly a: 1) {} }",
  ],
  [
    "no-cycle",
    "packages/server/src/circle-a.ts",
    'import type { B } from "./circle-b.ts";\nexport type A = B[] | 1;',
  ],
  [
    "no-cycle",
    "packages/server/src/circle-b.ts",
    'import type { A } from "./circle-a.ts";\nexport type B = A[] | 1;',
  ],
  ["rules-of-hooks", "apps/chat/src/hook.tsx", "export const App = () => { if (x) useState(1); };"],
  ["no-restricted-imports", "packages/client/src/engine/value.ts", 'import { a } from "node:fs";\na();'],
  ["no-restricted-imports", "packages/client/src/engine/late.ts", 'void import("node:fs");'],
  [
    "no-restricted-imports",
    "packages/client/src/engine/only-type.ts",
    'import type { A } from "ws";\nexport type B = A;',
  ],
];

const allowed: readonly (readonly [rule: string, path: string, text: string])[] = [
  ["max-lines", "packages/client/src/400.ts", lines(399, "") + "export {};"],
  [
    "max-lines-per-function",
    "packages/client/src/60.ts",
    `export function f(): void {\n${lines(58, "  // why")}}`,
  ],
  [
    "max-lines-per-function",
    "packages/client/src/60.test.ts",
    `export function f(): void {\n${lines(99, "  // why")}}`,
  ],
  ["no-console", "apps/chat/server/console.ts", "console.log(1);"],
  ["no-default-export", "tests/a.config.ts", "export default 1;"],
];

const protocol = ["@bowline/protocol", "@bowline/protocol/internal"];
const others = ["../../../packages/other/src/a.ts", "../../other/dist/a.js"];

/** For a file: what it may import and what not. */
const imports: Record<string, { readonly yes: readonly string[]; readonly no: readonly string[] }> = {
  "packages/protocol/src/socket/a.ts": {
    yes: ["./b.ts", "../errors.ts"],
    no: ["engine.io-parser", "node:fs", "ws", "@bowline/server", "@bowline/client", ...others],
  },
  "packages/protocol/src/engine/a.ts": {
    yes: ["./b.ts", "../errors.ts"],
    no: ["engine.io-parser", "node:fs", "debug", ...others],
  },
  "packages/server/src/server.ts": {
    yes: ["node:http", "ws", "debug", "./socket/a.ts", "./host/host-node.ts", ...protocol],
    no: ["@bowline/client", "@bowline/client/x", "engine.io-parser", ...others],
  },
  "packages/server/src/host/host.ts": {
    yes: ["node:http", ...protocol],
    no: ["./b.ts", "../engine/a.ts", "../socket/a.ts", "../server.ts", "node:fs", "ws", "uWebSockets.js"],
  },
  "packages/server/src/host/captured-response.ts": {
    yes: ["node:http", "./host.ts", ...protocol],
    no: ["./host-node.ts", "./host-uws.ts", "../engine/a.ts", "../socket/a.ts", "ws", "uWebSockets.js"],
  },
  "packages/server/src/host/host-node.ts": {
    yes: [
      "node:http",
      "node:fs/promises",
      "ws",
      "./host.ts",
      "./settle.ts",
      "./take-path.ts",
      "./host-node-body.ts",
      ...protocol,
    ],
    no: ["./host-uws.ts", "./uws-api.ts", "../engine/a.ts", "../socket/a.ts", "@bowline/client", ...others],
  },
  "packages/server/src/host/host-uws.ts": {
    yes: ["./host.ts", "./settle.ts", "./take-path.ts", "./uws-api.ts", "./host-uws-body.ts", ...protocol],
    no: [
      "./host-node.ts",
      "../engine/a.ts",
      "../socket/a.ts",
      "node:http",
      "ws",
      "uWebSockets.js",
      ...others,
    ],
  },
  "packages/server/src/engine/a.ts": {
    yes: ["./b.ts", "../host/host.ts", "../options.ts", "debug", ...protocol],
    no: [
      ...["../host/host-node.ts", "../host/host-uws.ts", "../host/uws-api.ts", "../socket/a.ts"],
      ...["../server.ts", "../index.ts", "../testing/a.ts", "node:http", "ws", "uWebSockets.js"],
      ...["@bowline/client", ...others],
    ],
  },
  "packages/server/src/socket/a.ts": {
    yes: ["./b.ts", "../engine/a.ts", "../options.ts", "debug", ...protocol],
    no: ["../host/host.ts", "../server.ts", "../uws.ts", "../testing/a.ts", "node:events", "ws", ...others],
  },
  "packages/client/src/index.ts": {
    yes: ["./socket/a.ts", "#env", ...protocol],
    no: ["@bowline/server", "node:fs", "ws", "./env-node.ts", "./env-browser.ts", ...others],
  },
  "packages/client/src/socket/a.ts": {
    yes: ["./b.ts", "../engine/a.ts", "../options.ts", ...protocol],
    no: ["../env-node.ts", "../env-browser.ts", "@bowline/server", "node:fs", "ws", ...others],
  },
  "packages/client/src/engine/a.ts": {
    yes: ["./b.ts", "../env.ts", "../options.ts", ...protocol],
    no: [
      "../socket/a.ts",
      "../index.ts",
      "#env",
      "../env-node.ts",
      "../env-browser.ts",
      "@bowline/server",
      "node:fs",
      ...others,
    ],
  },
  "packages/client/src/env.ts": { yes: protocol, no: ["./options.ts", "node:fs", "ws"] },
  "packages/client/src/env-browser.ts": {
    yes: ["./env.ts", ...protocol],
    no: ["./options.ts", "node:fs", "ws"],
  },
  "packages/client/src/env-node.ts": {
    yes: ["./env.ts", "node:os", "node:fs/promises", "ws", ...protocol],
    no: ["./options.ts", "./socket/a.ts"],
  },
  "packages/client/src/engine/a.test.ts": {
    yes: ["vitest", "node:fs", "../socket/a.ts", "@bowline/protocol/testing"],
    no: others,
  },
  "apps/chat/server/main.ts": {
    yes: ["@bowline/server", "../src/a.ts"],
    no: [
      "../../../packages/server/package.json",
      "@bowline/server/dist/index.js",
      "@bowline/server/src/index.ts",
    ],
  },
  "tests/pair/a.ts": {
    yes: ["@bowline/server", "./b.ts"],
    no: [
      "../../packages/server/package.json",
      "../../apps/chat/server/main.ts",
      "@bowline/server/dist/index.js",
      "@bowline/server/src/index.ts",
    ],
  },
};

/** Time, chance and the network are handed in: what the pure folders may not name. */
const names = "Date setTimeout setInterval setImmediate performance crypto fetch WebSocket process".split(
  " ",
);
const pure = [
  "protocol/src",
  "server/src/engine",
  "server/src/socket",
  "client/src/engine",
  "client/src/socket",
];
const pureText = [...names, ...names.map((name) => `globalThis.${name}`), "Math.random"]
  .map((name) => `export const ${name.replace(".", "_")}_ = ${name};`)
  .join("\n");

const folder = mkdtempSync(join(tmpdir(), "bowline-lint-"));
let found: readonly Diagnostic[] = [];

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const linesOf = (path: string, ...rules: readonly string[]): readonly number[] =>
  found
    .filter((one) => one.filename === path && rules.some((rule) => one.code.endsWith(`(${rule})`)))
    .map((one) => one.labels[0]?.span.line ?? 0)
    .toSorted((a, b) => a - b);

const upTo = (count: number, after = 0): readonly number[] =>
  Array.from({ length: count }, (_, index) => after + index + 1);

beforeAll(() => {
  copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  write(
    "tsconfig.json",
    '{ "compilerOptions": { "strict": true, "target": "ES2022", "module": "NodeNext" } }',
  );
  for (const [, path, text] of [...planted, ...allowed]) write(path, text);
  for (const [path, { yes, no }] of Object.entries(imports)) {
    write(path, [...no, ...yes].map((name) => `export type * from "${name}";`).join("\n"));
  }
  for (const place of pure) write(`packages/${place}/impure.ts`, pureText);
  write("packages/server/src/engine/bytes.ts", "export const a = Buffer.alloc(1);");
  write("packages/client/src/engine/bytes.ts", "export const a = Buffer.alloc(1);");

  const bin = join(root, "node_modules", ".bin");
  const { stdout, stderr } = spawnSync(join(bin, "oxlint"), ["-f", "json"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: bin + delimiter + process.env["PATH"] },
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stderr).toBe("");
  found = (JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] }).diagnostics;
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("the linter refuses", () => {
  test.each(planted)("%s in %s", (rule, path) => expect(linesOf(path, rule)).not.toEqual([]));
});

describe("the linter allows what is not over the line", () => {
  test.each(allowed)("%s in %s", (rule, path) => expect(linesOf(path, rule)).toEqual([]));
  test("Buffer in the server, not in the client", () => {
    expect(linesOf("packages/server/src/engine/bytes.ts", "no-restricted-globals")).toEqual([]);
    expect(linesOf("packages/client/src/engine/bytes.ts", "no-restricted-globals")).toEqual([1]);
  });
});

describe("imports go one way", () => {
  test.each(Object.entries(imports))("in %s", (path, { no }) =>
    // The forbidden ones are the first lines of the file, the others follow and must not be reported.
    expect(linesOf(path, "no-restricted-imports")).toEqual(upTo(no.length)),
  );
});

describe("no clock, chance or network of its own", () => {
  test.each(pure)("in %s", (place) => {
    const rules = ["no-restricted-globals", "no-restricted-properties"];
    expect(linesOf(`packages/${place}/impure.ts`, ...rules)).toEqual(upTo(2 * names.length + 1));
  });
});
