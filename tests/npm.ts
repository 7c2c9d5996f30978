import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** npm as a user's shell would start it: without what `npm test` has put into our environment. */
export async function npm(
  cwd: string,
  args: readonly string[],
  extraEnv: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { stdout } = await run("npm", args, { cwd, env: { ...plainEnv(), ...extraEnv } });
  return stdout;
}

/** Runs a program to its end. What it printed is in the error, if it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number },
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { cwd, env = plainEnv(), timeoutMs = 120_000 } = options;
  try {
    const limits = { maxBuffer: 64 * 1024 * 1024, timeout: timeoutMs };
    return await promisify(execFile)(command, args, { cwd, env, encoding: "utf8", ...limits });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}

/** The environment less npm's and the test runner's variables. */
export function plainEnv(): NodeJS.ProcessEnv {
  const ours = /^(npm_|VITEST|VITE_|NODE_ENV$|NODE_OPTIONS$|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
