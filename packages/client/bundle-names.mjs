import { readFileSync } from "node:fs";

/**
 * Properties that get a short name in the minified files: they pass between our own modules only. What a user may write,
 * what is on the wire and what belongs to the platform MUST NOT stand here; tests/package/client-bundle.test.ts holds
 * the list against what the package declares.
 */
export const INTERNAL_NAMES = [
  // env.ts; the minified files know no option `env`, and no `codec`
  ...[
    "env",
    "setTimer",
    "clearTimer",
    "wallClock",
    "openWebSocket",
    "onNetwork",
    "base64",
    "pageUrl",
    "reportError",
  ],
  ...["codec", "decoder", "attachments", "spent", "settle", "failAll", "forget"],
  ...[
    "listener",
    "begin",
    "pausing",
    "resume",
    "transportName",
    "isAlive",
    "lose",
    "upgraded",
    "opened",
    "failed",
  ],
  ...[
    "decoder",
    "isProven",
    "deliver",
    "notify",
    "frames",
    "transmit",
    "drain",
    "flush",
    "received",
    "report",
  ],
];

/** Most frequent first, as terser has them, so that both name alike. */
const LETTERS = "tienalsrohcdufpmgykbwvxzjq";

/**
 * `#name` becomes a letter, by file: minified files have no use for the language's privacy, which costs a `#` and a
 * declaration each. Padded, so that source maps stay right. A class that others extend needs other letters than they.
 */
export const privateNames = {
  name: "private names",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const names = new Map();
      const short = (_, name) => {
        const letter = LETTERS[names.size];
        if (!names.has(name)) names.set(name, path.endsWith("/emitter.ts") ? letter.toUpperCase() : letter);
        return names.get(name).padEnd(name.length + 1);
      };
      const contents = readFileSync(path, "utf8").replace(/(?<=^\s*|[\s.])#([a-z]\w*)/gim, short);
      return { contents, loader: "ts" };
    });
  },
};
