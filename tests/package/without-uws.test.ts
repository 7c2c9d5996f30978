import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const PACKAGES = fileURLToPath(new URL("../../packages/", import.meta.url));

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** The built server and what it depends on, in a folder where uWebSockets.js is as `uws` has it: absent or broken. */
function install(uws: "absent" | "broken"): string {
  const folder = mkdtempSync(join(tmpdir(), "bowline-"));
  folders.push(folder);
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@bowline"), { recursive: true });
  for (const name of ["protocol", "server"]) {
    for (const part of ["dist", "package.json"]) {
      cpSync(`${PACKAGES}${name}/${part}`, join(modules, "@bowline", name, part), { recursive: true });
    }
  }
  for (const name of ["ws", "debug"]) {
    symlinkSync(realpathSync(`${PACKAGES}server/node_modules/${name}`), join(modules, name));
  }
  if (uws === "broken") {
    const broken = join(modules, "uWebSockets.js", "index.js");
    mkdirSync(dirname(broken), { recursive: true });
    writeFileSync(broken, 'throw new Error("no binary for this Node");');
  }
  return folder;
}

const PROGRAM = `
  import { Server } from "@bowline/server";
  const io = new Server(0);
  console.log(JSON.stringify(await io.ready));
  await io.close();
`;

test.each([
  ["absent", "uWebSockets.js is not installed"],
  ["broken", "uWebSockets.js cannot be loaded: no binary for this Node"],
] as const)("[H14] where uWebSockets.js is %s the server runs on node:http and says why", (uws, reason) => {
  const folder = install(uws);
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(JSON.parse(output)).toEqual({ host: "node:http", port: expect.any(Number), reason });
});
