import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** What `tsc` says of a project of this folder; errors are among it. */
export function compile(tsconfig: string, ...flags: readonly string[]): Promise<string[]> {
  const args = ["-p", `tests/types/${tsconfig}`, "--pretty", "false", ...flags];
  return new Promise((resolve, reject) => {
    execFile(
      `${ROOT}node_modules/.bin/tsc`,
      args,
      { cwd: ROOT, maxBuffer: 1e8 },
      (_failed, stdout, stderr) => {
        const rows = stdout.split("\n");
        // Without a file before it: the project itself is wrong.
        const broken = stderr || rows.find((row) => row.startsWith("error"));
        if (broken) reject(new Error(broken));
        else resolve(rows);
      },
    );
  });
}
