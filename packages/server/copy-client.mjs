// Puts the client's bundles into client-dist/, under the names that pages written for Socket.IO load.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const BUNDLES = {
  "socket.io.js": "bowline.min.js",
  "socket.io.min.js": "bowline.min.js",
  "socket.io.esm.min.js": "bowline.esm.min.js",
};

const from = `${dirname(createRequire(import.meta.url).resolve("@bowline/client"))}/`;
const to = fileURLToPath(new URL("client-dist/", import.meta.url));

mkdirSync(to, { recursive: true });
for (const [name, bundle] of Object.entries(BUNDLES)) {
  const text = readFileSync(from + bundle, "utf8");
  writeFileSync(to + name, text.replace(`sourceMappingURL=${bundle}.map`, `sourceMappingURL=${name}.map`));
  cpSync(`${from}${bundle}.map`, `${to}${name}.map`);
}
