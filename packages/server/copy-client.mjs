// Puts the client's files for pages into client-dist/.
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const from = `${dirname(createRequire(import.meta.url).resolve("@bowline/client"))}/`;
const to = fileURLToPath(new URL("client-dist/", import.meta.url));

mkdirSync(to, { recursive: true });
for (const file of readdirSync(from)) if (file.startsWith("socket.io.")) cpSync(from + file, to + file);
