import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Rules as SPEC.md writes them: `**E7 Overlapping polls.** …` */
function rules(): Set<string> {
  const spec = readFileSync(`${ROOT}packages/protocol/SPEC.md`, "utf8");
  return new Set([...spec.matchAll(/^\*\*([A-Z]\d+) /gm)].map(([, rule]) => rule ?? ""));
}

/** Rules as tests name them: `test("[E7] a second poll …")`, several as `[E7, T3]`. */
function named(): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of ["packages", "tests"]) {
    for (const entry of readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: "utf8" })) {
      if (!entry.endsWith(".ts") || /node_modules|dist/.test(entry)) continue;
      const text = readFileSync(`${ROOT}${folder}/${entry}`, "utf8");
      for (const [, list] of text.matchAll(/["`]\[((?:[A-Z]\d+(?:, )?)+)\]/g)) {
        for (const rule of (list ?? "").split(", ")) found.set(rule, `${folder}/${entry}`);
      }
    }
  }
  return found;
}

test("every rule of SPEC.md has a test that begins with its number", () => {
  const tested = named();
  expect([...rules()].filter((rule) => !tested.has(rule))).toEqual([]);
});

test("every number that a test begins with is a rule of SPEC.md", () => {
  const known = rules();
  expect([...named()].filter(([rule]) => !known.has(rule))).toEqual([]);
});
