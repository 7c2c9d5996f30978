// The files for browsers without a bundler, in dist/. Usage: node build-bundles.mjs [folder]
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";
import { INTERNAL_NAMES, shortening } from "./bundle-names.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = process.argv[2] ?? `${here}dist`;

/**
 * As in Socket.IO's bundle: what `require` and AMD get, and the global, is the function, which has the rest on it.
 * Around the modules, because esbuild takes a module that says `module` for CommonJS.
 */
const UMD = {
  stdin: {
    contents: 'import { io } from "./src/index.ts"; publish(io);',
    resolveDir: here,
    sourcefile: "global.js",
  },
  banner: { js: "((publish) => {" },
  footer: {
    js: `})((io) => {
      if (typeof module == "object") module.exports = io;
      else if (typeof define == "function" && define.amd) define(() => io);
      else {
        if (globalThis.io) console.warn("two copies of io");
        globalThis.io = io;
      }
    });`,
  },
};

await bundle("bowline.esm.min.js", { format: "esm", entryPoints: [`${here}src/index.ts`] });
await bundle("bowline.min.js", { format: "iife", ...UMD });

/** esbuild puts the modules together, and terser makes what comes out of it a few percent smaller still. */
async function bundle(file, options) {
  const { outputFiles } = await build({
    bundle: true,
    minify: true,
    sourcemap: "external",
    platform: "browser", // #env without Node
    target: "es2022",
    conditions: ["@bowline/source", "@bowline/minified"],
    legalComments: "none",
    logLevel: "warning",
    // A field without a value need not be declared at run time.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    outfile: `${outdir}/${file}`,
    write: false,
    plugins: [shortening],
    ...options,
  });
  const [map, bundled] = outputFiles;
  const { code, map: composed } = await minify(bundled.text, {
    module: true,
    compress: {
      passes: 3,
      ecma: 2022,
      hoist_funs: true,
      lhs_constants: false,
      unsafe: true,
      unsafe_arrows: true,
    },
    mangle: { properties: { regex: new RegExp(`^(?:${INTERNAL_NAMES.join("|")})$`) } },
    format: { ecma: 2022, ascii_only: true }, // a page may be in another encoding
    sourceMap: { content: map.text, url: `${file}.map` },
  });
  writeFileSync(`${outdir}/${file}`, `${code}\n`);
  writeFileSync(`${outdir}/${file}.map`, composed);
}
