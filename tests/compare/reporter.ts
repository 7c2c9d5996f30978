import type { Reporter, TestModule } from "vitest/node";

/** The rows print themselves; what is left to say is which of them failed. */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const all = modules.flatMap((module) => [...module.children.allTests()]);
    const tests = all.filter((test) => test.result().state !== "skipped");
    const errors = modules.flatMap((module) => module.errors());
    const bad = tests.filter((test) => !test.ok());
    for (const test of bad) console.log(`✗ ${test.name}\n  ${test.result().errors?.[0]?.message}`);
    for (const error of errors) console.log(error.stack ?? error.message);
    console.log(`${tests.length - bad.length} of ${tests.length} rows are as expected`);
  }
}
