// The files for browsers without a bundler, in dist/. Usage: node build-bundles.mjs [folder]
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";
import { INTERNAL_NAMES, OLD, shortening } from "./bundle-names.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
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

await bundle("socket.io.esm.min.js", ESM);
await bundle("socket.io.min.js", UMD);
await bundle("bowline.esm.min.js", { ...ESM, ...LEAN });
await bundle("bowline.min.js", { ...UMD, ...LEAN });
await bundle("bowline.websocket.esm.min.js", {
  ...ESM,
  ...LEAN,
  conditions: [...MINIFIED, "@bowline/websocket"],
});
await bundle("socket.io.msgpack.min.js", {
  ...UMD,
  alias: { "#extras": `${here}bundle-msgpack.mjs` },
});
await readable("socket.io.js", UMD);

/** esbuild puts the modules together, and terser makes what comes out of it a few percent smaller still. */
async function bundle(file, options) {
  const { outputFiles } = await build({
    ...common,
    minify: true,
    conditions: MINIFIED,
    plugins: [shortening()],
    outfile: `${outdir}/${file}`,
    ...options,
  });
  const [map, bundled] = outputFiles;
  const { code, map: composed } = await minify(bundled.text, {
    module: true,
    compress: {
      ...{ passes: 3, ecma: 2022, hoist_funs: true, lhs_constants: false },
      ...{ unsafe: true, unsafe_arrows: true, pure_getters: true },
    },
    mangle: { properties: { builtins: true, regex: new RegExp(`^(?:${INTERNAL_NAMES.join("|")})$`) } },
    format: { ecma: 2022, ascii_only: true }, // a page may be in another encoding
    sourceMap: { content: map.text },
  });
  write(file, code, composed);
}

/** The same for people, with all options and their whole check, and every word of what goes wrong. */
async function readable(file, options) {
  const { outputFiles } = await build({
    ...common,
    conditions: ["@bowline/source"],
    outfile: `${outdir}/${file}`,
    ...options,
  });
  const [map, bundled] = outputFiles;
  write(file, bundled.text, map.text);
}

function write(file, code, map) {
  writeFileSync(`${outdir}/${file}`, `${code.trimEnd()}\n//# sourceMappingURL=${file}.map\n`);
  writeFileSync(`${outdir}/${file}.map`, map);
}
