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

/** The environment less what `npm test` and the test runner have put there; npm's settings stay. */
export function plainEnv(): NodeJS.ProcessEnv {
  const theirs =
    /^(npm_(?!config_)|npm_config_local_prefix$|VITEST|NODE_ENV$|NODE_OPTIONS$|(TEST|DEV|PROD|MODE|SSR|BASE_URL)$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !theirs.test(name)));
}

class RegistryUnreachable extends Error {}

/** Installs what the folder's manifest says; from npm's cache what is there. */
export async function npmInstall(folder: string): Promise<void> {
  try {
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
    await npm(folder, ["install", ...quiet, "--fetch-retries=1", "--fetch-retry-mintimeout=500"]);
  } catch (error) {
    const { message } = error as Error;
    const why = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED)\b/.exec(
      message,
    );
    throw why ? new RegistryUnreachable(why[0], { cause: error }) : error;
  }
}

/** Whether `install` came through; not where npm's registry is out of reach, which is said aloud. */
export async function unlessOffline(install: () => Promise<void>): Promise<boolean> {
  try {
    await install();
    return true;
  } catch (error) {
    if (!(error instanceof RegistryUnreachable)) throw error;
    console.log(`!! NOT RUN: what needs npm's registry, which cannot be reached (${error.message}).`);
    return false;
  }
}
