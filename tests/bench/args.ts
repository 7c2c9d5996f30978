import { parseArgs } from "node:util";

export interface Args {
  /** Names of workloads; none is all of them. */
  readonly only: readonly string[];
  readonly targets: readonly string[];
  readonly isQuick: boolean;
  readonly writes: boolean;
  /** A file for what was measured. */
  readonly out: string | undefined;
  /** Two such files, instead of measuring anything. */
  readonly compared: readonly [string, string] | undefined;
}

export const USAGE = `pnpm bench [--only workload,…] [--targets target,…] [--quick] [--write] [--out file.json]
pnpm bench --compare file.json other.json`;

export function readArgs(args: readonly string[]): Args {
  const { values, positionals } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      only: { type: "string", default: "" },
      targets: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      out: { type: "string" },
      compare: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const list = (text: string): string[] => text.split(",").filter((name) => name !== "");
  return {
    only: list(values.only),
    targets: list(values.targets),
    isQuick: values.quick,
    writes: values.write,
    out: values.out,
    compared: values.compare ? twoOf(positionals) : noneOf(positionals),
  };
}

function twoOf(files: readonly string[]): readonly [string, string] {
  const [one, other] = files;
  if (one === undefined || other === undefined || files.length > 2) {
    throw new Error(`--compare takes two files, not ${files.length}`);
  }
  return [one, other];
}

function noneOf(words: readonly string[]): undefined {
  if (words.length > 0) throw new Error(`what is ${words.join(" ")}?`);
}
