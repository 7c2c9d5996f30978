import { existsSync, readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { compile, ROOT } from "../types/compile.ts";
import { DIFFERENCES } from "../types/differences.ts";

const FIXTURES = `${ROOT}tests/types/fixtures/`;
const files = readdirSync(FIXTURES).toSorted();

/** One run of the compiler: errors by fixture, and all files that the program read. */
interface Program {
  readonly errors: ReadonlyMap<string, readonly { readonly line: number; readonly message: string }[]>;
  readonly read: readonly string[];
}

async function check(tsconfig: string): Promise<Program> {
  const errors = new Map<string, { line: number; message: string }[]>();
  const read: string[] = [];
  for (const row of await compile(tsconfig, "--listFiles")) {
    const [, file, line, message] = /^(.+)\((\d+),\d+\): error (.*)$/.exec(row) ?? [];
    if (file && line && message) {
      const name = file.replace(/^.*fixtures\//, "");
      errors.set(name, [...(errors.get(name) ?? []), { line: Number(line), message }]);
    } else if (row.startsWith("/")) read.push(row);
  }
  return { errors, read };
}

/** The lines below `// @differs <id>`. */
function marked(file: string): readonly { readonly id: string; readonly line: number }[] {
  const lines = readFileSync(FIXTURES + file, "utf8").split("\n");
  return lines.flatMap((text, index) => {
    const id = /^\s*\/\/ @differs (\S+)$/.exec(text)?.[1];
    return id === undefined ? [] : [{ id, line: index + 2 }];
  });
}

let stock: Program;
let ours: Program;
beforeAll(async () => {
  expect(existsSync(`${ROOT}packages/client/dist/index.d.ts`), "run `npm run build` first").toBe(true);
  [stock, ours] = await Promise.all([check("tsconfig.json"), check("tsconfig.bowline.json")]);
}, 120_000);

describe("[P6] code written for Socket.IO's types compiles with ours, and what they refuse ours refuse", () => {
  test("one program sees the real packages, the other one ours", () => {
    const seen = ({ read }: Program, part: string): boolean => read.some((file) => file.includes(part));
    expect(seen(stock, "/node_modules/socket.io/dist/index.d.ts")).toBe(true);
    expect(seen(stock, "/node_modules/socket.io-client/build/")).toBe(true);
    expect(seen(stock, "/packages/")).toBe(false);
    expect(seen(ours, "/packages/server/dist/index.d.ts")).toBe(true);
    expect(seen(ours, "/packages/client/dist/index.d.ts")).toBe(true);
    expect(seen(ours, "/node_modules/socket.io/")).toBe(false);
    expect(seen(ours, "/node_modules/socket.io-client/")).toBe(false);
    expect(files.length).toBeGreaterThan(25);
  });

  test.each(files)("%s", (file) => {
    const wanted = (kind: string): unknown[] =>
      marked(file)
        .filter(({ id }) => DIFFERENCES[id]?.kind === kind)
        .map(({ line }) => ({ line, message: expect.any(String) as unknown }));
    expect(stock.errors.get(file) ?? [], "Socket.IO").toEqual(wanted("looser"));
    expect(ours.errors.get(file) ?? [], "Bowline").toEqual(wanted("stricter"));
  });

  test("every difference in the table is shown, and no other is marked", () => {
    const shown = files.flatMap((file) => marked(file).map(({ id }) => id));
    expect([...new Set(shown)].toSorted()).toEqual(Object.keys(DIFFERENCES).toSorted());
  });
});

test("[P7] two hundred events each way cost the compiler less than with Socket.IO's types", async () => {
  const [theirs, mine] = await Promise.all(
    ["tsconfig.many.json", "tsconfig.many.bowline.json"].map(async (tsconfig) => {
      const rows = await compile(tsconfig, "--extendedDiagnostics");
      expect(rows.filter((row) => row.includes("error TS"))).toEqual([]);
      return Number(rows.find((row) => row.startsWith("Instantiations:"))?.split(":")[1]);
    }),
  );
  expect(theirs).toBeGreaterThan(10_000);
  expect(mine).toBeGreaterThan(1000);
  expect(mine).toBeLessThan(theirs ?? 0);
  expect(mine).toBeLessThan(90_000);
});
