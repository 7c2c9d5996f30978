import { readArgs, USAGE } from "./args.ts";
import { contestantsOf } from "./contestants.ts";
import { goFirst } from "./measure/priority.ts";
import { agree, compare, comparisonText } from "./report/compare.ts";
import { circumstances, report, write } from "./report/page.ts";
import { Results } from "./results.ts";
import { run } from "./run.ts";
import { FULL, QUICK } from "./scale.ts";
import { workloadsOf } from "./workloads/workloads.ts";

async function main(words: readonly string[]): Promise<void> {
  const args = readArgs(words);
  if (args.compared) return printComparison(args.compared);
  const workloads = workloadsOf(args.only);
  const contestants = contestantsOf(args.targets);
  goFirst();
  const began = performance.now();
  const results = await run({
    workloads,
    contestants,
    scale: args.isQuick ? QUICK : FULL,
    log: (text) => console.log(text),
  });
  const about = circumstances(["pnpm bench", ...words].join(" "), performance.now() - began);
  console.log(`\n${about}\n\n${report(results)}`);
  if (args.out !== undefined) results.save(args.out, about);
  if (args.writes) write(results, about);
}

function printComparison([one, other]: readonly [string, string]): void {
  const comparison = compare(Results.read(one), Results.read(other));
  console.log(comparisonText(comparison));
  if (!agree(comparison)) process.exitCode = 1;
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 1;
});
