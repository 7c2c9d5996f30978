import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Makes the JavaScript that `pnpm bench` runs, for who runs the sources. The packages are built already. */
export async function build(): Promise<void> {
  for (const name of ["protocol", "server", "client"]) {
    if (!existsSync(`${ROOT}packages/${name}/dist/index.js`)) throw new Error("run `pnpm build` before");
  }
  await new Promise<void>((resolve, reject) => {
    execFile(`${ROOT}node_modules/.bin/tsc`, ["-p", "tests/bench"], { cwd: ROOT }, (error, stdout) => {
      if (error) reject(new Error(stdout, { cause: error }));
      else resolve();
    });
  });
}
