import { expect, test } from "vitest";
import { between } from "./page.ts";

const BEGIN = "<!-- bench: begin; written by `pnpm bench --write` -->";
const END = "<!-- bench: end -->";

test("what is written by hand around the figures stays as it is", () => {
  const page = `# What it costs\n\n${BEGIN}\n\nold figures\n\n${END}\n\n## Where an aim is missed\n\nA profile.\n`;
  expect(between(page, "new figures")).toBe(page.replace("old figures", "new figures"));
});

test("a page without its markers is not written over", () => {
  expect(() => between("# What it costs", "figures")).toThrow("the page has no");
  expect(() => between(`${END} ${BEGIN}`, "figures")).toThrow("the page has no");
});
