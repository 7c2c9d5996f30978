// The files for browsers without a bundler, in dist/. Usage: node build-bundles.mjs [folder]
// With `--order` instead it looks for an order in which they compress better, which takes minutes: see bundle-order.mjs.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";
import { INTERNAL_NAMES, OLD, shortening } from "./bundle-names.mjs";
import { betterOrder, inOrder, orders, saveOrders } from "./bundle-order.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const isOrdering = process.argv[2] === "--order";
const outdir = process.argv[2] ?? `${here}dist`;

const MINIFIED = ["@bowline/source", "@bowline/minified"];

const common = {
  bundle: true,
  charset: "ascii",
  sourcemap: "external",
  platform: "browser", // #env without Node
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
  // A field without a value need not be declared at run time.
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  write: false,
};

/**
 * As in Socket.IO's bundle: what `require` and AMD get, and the global, is the function, which has the rest on it.
 * Around the modules, because esbuild takes a module that says `module` for CommonJS.
 */
const UMD = {
  format: "iife",
  stdin: {
    contents: 'import { io } from "./src/index.ts"; publish(io);',
    resolveDir: here,
    sourcefile: "global.js",
  },
  banner: { js: "((publish) => {" },
  footer: {
    js: `})((io) => {
      if (typeof module == "object") module["exports"] = io;
      else if (typeof define == "function" && define.amd) define(() => io);
      else {
        if (globalThis.io) console.warn("two copies of io");
        globalThis.io = io;
      }
    });`,
  },
};

/** Without what is there for code written for Socket.IO. */
const LEAN = { conditions: [...MINIFIED, "@bowline/lean"], plugins: [shortening(OLD)] };

const ESM = {
  format: "esm",
  stdin: {
    contents:
      'export { connect, default, io, Manager, protocol, RealtimeError, Socket } from "./src/index.ts";',
    resolveDir: here,
    sourcefile: "esm.js",
  },
};

/** Its global only: who has modules imports the other one. */
const LEAN_GLOBAL = {
  ...UMD,
  ...LEAN,
  banner: {},
  footer: {},
  stdin: {
    ...UMD.stdin,
    contents:
      'import { io } from "./src/index.ts"; if (globalThis.io) console.warn("two copies of io"); globalThis.io = io;',
  },
};

const LEAN_ESM = {
  ...LEAN,
  format: "esm",
  stdin: { ...ESM.stdin, contents: 'export { io, Manager, RealtimeError, Socket } from "./src/index.ts";' },
};

/** The minified files, by their names. */
const FILES = Object.entries({
  "socket.io.esm.min.js": ESM,
  "socket.io.min.js": UMD,
  "bowline.esm.min.js": LEAN_ESM,
  "bowline.min.js": LEAN_GLOBAL,
  "bowline.websocket.esm.min.js": { ...LEAN_ESM, conditions: [...MINIFIED, "@bowline/websocket"] },
  "socket.io.msgpack.min.js": { ...UMD, alias: { "#extras": `${here}bundle-msgpack.mjs` } },
});

if (isOrdering) {
  for (const [file, options] of FILES) {
    orders[file] = betterOrder((await minified(options)).code, orders[file], (said) =>
      console.log(`${file}: ${said}`),
    );
  }
  saveOrders();
} else {
  for (const [file, options] of FILES) {
    const { code, map } = await minified(options);
    write(file, inOrder(code, map, orders[file]));
  }
  write("socket.io.js", await readable(UMD));
}

/** esbuild puts the modules together, and terser makes what comes out of it a few percent smaller still. */
async function minified(options) {
  const { outputFiles } = await build({
    ...common,
    minify: true,
    conditions: MINIFIED,
    plugins: [shortening()],
    outfile: "bundle.js",
    ...options,
  });
  const [map, bundled] = outputFiles;
  return minify(bundled.text, {
    module: true,
    compress: {
      ...{ passes: 3, ecma: 2022, hoist_funs: true, lhs_constants: false },
      ...{ unsafe: true, unsafe_arrows: true, pure_getters: true },
    },
    mangle: { properties: { builtins: true, regex: new RegExp(`^(?:${INTERNAL_NAMES.join("|")})$`) } },
    format: { ecma: 2022, ascii_only: true }, // a page may be in another encoding
    sourceMap: { content: map.text },
  });
}

/** The same for people, with all options and their whole check, and every word of what goes wrong. */
async function readable(options) {
  const { outputFiles } = await build({
    ...common,
    conditions: ["@bowline/source"],
    outfile: "bundle.js",
    ...options,
  });
  const [map, bundled] = outputFiles;
  return { code: bundled.text, map: map.text };
}

function write(file, { code, map }) {
  writeFileSync(`${outdir}/${file}`, `${code.trimEnd()}\n//# sourceMappingURL=${file}.map\n`);
  writeFileSync(`${outdir}/${file}.map`, map);
}
