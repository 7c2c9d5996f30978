// Takes away what the compiler made of sources that are gone: it leaves that in dist/, and the package would have it.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
for (const file of readdirSync(`${here}dist`, { recursive: true })) {
  const [, name] = /^(.*)\.d\.ts$/.exec(file) ?? [];
  if (name === undefined || existsSync(`${here}src/${name}.ts`)) continue;
  for (const end of [".js", ".js.map", ".d.ts", ".d.ts.map"])
    rmSync(`${here}dist/${name}${end}`, { force: true });
}
