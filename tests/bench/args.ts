import { parseArgs } from "node:util";

export interface Args {
  /** Names of workloads; none is all of them. */
  readonly only: readonly string[];
  readonly targets: readonly string[];
  readonly isQuick: boolean;
  readonly writes: boolean;
}

export const USAGE = "pnpm bench [--only workload,…] [--targets target,…] [--quick] [--write]";

export function readArgs(args: readonly string[]): Args {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      only: { type: "string", default: "" },
      targets: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const list = (text: string): string[] => text.split(",").filter((name) => name !== "");
  return {
    only: list(values.only),
    targets: list(values.targets),
    isQuick: values.quick,
    writes: values.write,
  };
}
