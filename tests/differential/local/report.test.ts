import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { observe } from "../compare.ts";
import { appliesTo, DIFFERENCES } from "../differences.ts";
import { differencesOf } from "../journal.ts";
import { BASELINE, combinationsOf, nameOf } from "../scenario.ts";
import { SCENARIOS } from "./all.ts";

test("report", { timeout: 600_000 }, async () => {
  const filter = new RegExp(process.env["DIFF"] ?? "");
  const repeat = Number(process.env["REPEAT"] ?? 1);
  const onlyStock = process.env["STOCK"] !== undefined;
  const out: string[] = [];
  const scenarios = SCENARIOS.filter((s) => filter.test(s.name));
  const queue = [...scenarios];
  let green = 0;
  const green2: string[] = [];
  const one = async (scenario: (typeof SCENARIOS)[number]): Promise<void> => {
    const lines: string[] = [];
    const t0 = performance.now();
    let stock;
    try {
      stock = await observe(scenario, BASELINE);
    } catch (error) {
      out.push(`## ${scenario.name}\n  STOCK FAILS ${String((error as Error).stack).slice(0, 1500)}`);
      return;
    }
    const dt = performance.now() - t0;
    if (dt > 400) lines.push(`  slow: ${dt.toFixed(0)} ms`);
    if (process.env["SHOW"]) for (const [t, ls] of stock) for (const l of ls) lines.push(`    ${t} │ ${l}`);
    const groups = new Map<string, string[]>();
    const put = (text: string, name: string): void =>
      void groups.set(text, [...(groups.get(text) ?? []), name]);
    for (let n = 0; n < repeat; n += 1) {
      const again = await observe(scenario, BASELINE)
        .then((o) => differencesOf(stock, o))
        .catch((e) => [String(e)]);
      if (again.length) put(`UNSTABLE STOCK\n${again.join("\n")}`, "stock");
      for (const combination of onlyStock ? [] : combinationsOf(scenario)) {
        const name = nameOf(scenario, combination);
        const t1 = performance.now();
        const found = await observe(scenario, combination)
          .then((o) => differencesOf(stock, o))
          .catch((e) => ["THREW " + String((e as Error).stack).slice(0, 900)]);
        const listed = DIFFERENCES.filter(
          (d) => d.scenario === scenario.name && appliesTo(d, combination),
        ).flatMap((d) => d.lines);
        const d1 = performance.now() - t1;
        if (d1 > 600) lines.push(`  slow: ${name} ${d1.toFixed(0)} ms`);
        if (JSON.stringify(found.toSorted()) !== JSON.stringify(listed.toSorted()))
          put(found.join("\n") + (listed.length ? `\n  LISTED ${listed.join("\n  ")}` : ""), name);
      }
    }
    if (groups.size === 0) {
      green += 1;
      green2.push(scenario.name);
    }
    if (groups.size || lines.length) {
      out.push(`## ${scenario.name}`, ...lines);
      for (const [text, names] of groups)
        out.push(
          `  @ ${[...new Set(names)].join("; ")} (${names.length})`,
          ...text.split("\n").map((l) => `      ${l}`),
        );
    }
  };
  await Promise.all(
    Array.from({ length: Number(process.env["POOL"] ?? 6) }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await one(next);
    }),
  );
  out.push(`${green} of ${scenarios.length} green`);
  writeFileSync("/tmp/diff-report.txt", out.join("\n") + "\n");
  writeFileSync("/tmp/diff-green.txt", green2.join("\n") + "\n");
});
