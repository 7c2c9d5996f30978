// Run in a package's folder: takes away what the compiler made of sources that are gone. It leaves that in dist/, and the
// package would have it.
import { existsSync, readdirSync, rmSync } from "node:fs";

for (const file of readdirSync("dist", { recursive: true })) {
  const [, name] = /^(.*)\.d\.ts$/.exec(file) ?? [];
  if (name === undefined || existsSync(`src/${name}.ts`)) continue;
  for (const end of [".js", ".js.map", ".d.ts", ".d.ts.map"]) rmSync(`dist/${name}${end}`, { force: true });
}
