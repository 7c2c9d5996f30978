import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Gzipped at level 9. */
const MAX_BYTES = 9216;
const FILES = ["bowline.esm.min.js", "bowline.min.js"] as const;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-bundles-"));
  const script = fileURLToPath(new URL("../../packages/client/build-bundles.mjs", import.meta.url));
  execFileSync(process.execPath, [script, folder], { stdio: "inherit" });
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(file: string): string {
  return readFileSync(join(folder, file), "utf8");
}

describe.each(FILES)("[C60] %s", (file) => {
  test("is small", () => {
    const text = read(file);
    const bytes = gzipSync(text, { level: 9 }).length;
    console.log(`${file}: ${text.length} bytes, ${bytes} gzipped`);
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  });

  test("needs nothing of Node", () => {
    const text = read(file);
    expect(text).not.toMatch(/\bnode:|\brequire\(|\bfrom\s*["']|\bimport\s*["'(]|\bBuffer\b|\bprocess\b/);
  });

  test("has a source map", () => {
    expect(read(file)).toContain(`sourceMappingURL=${file}.map`);
    expect(JSON.parse(read(`${file}.map`))).toMatchObject({ version: 3 });
  });
});

describe("[C60] bowline.min.js in a page", () => {
  test("defines `io`, with the rest hung on it, and connects", () => {
    const opened: string[] = [];
    class WebSocket {
      constructor(url: string) {
        opened.push(url);
      }
      close(): void {}
    }
    const page = createContext({
      WebSocket,
      URLSearchParams,
      AbortController,
      TextEncoder,
      performance,
      setTimeout: () => 1,
      clearTimeout: () => {},
      location: { origin: "https://page.example" },
    });
    runInContext(read("bowline.min.js"), page);
    expect(runInContext("typeof io + Object.keys(io).sort()", page)).toBe(
      "functionManager,RealtimeError,Socket,connect,default,io,protocol",
    );
    runInContext('globalThis.socket = io("/chat")', page);
    expect(runInContext("socket instanceof io.Socket && socket.io instanceof io.Manager", page)).toBe(true);
    expect(opened).toEqual(["wss://page.example/socket.io/?EIO=4&transport=websocket"]);
    expect(runInContext('io.connect("/chat").nsp + io.protocol', page)).toBe("/chat5");
  });
});

describe("[C61] short names", () => {
  const PUBLIC = [
    "index",
    "options",
    "socket/socket",
    "socket/manager",
    "socket/manager-state",
    "socket/operator",
  ];

  test("are given to nothing that the package declares, but to the options that minified files do not know", async () => {
    const script = new URL("../../packages/client/bundle-names.mjs", import.meta.url);
    const { INTERNAL_NAMES } = (await import(script.href)) as { INTERNAL_NAMES: readonly string[] };
    const declared = PUBLIC.map((file) => {
      const path = fileURLToPath(new URL(`../../packages/client/dist/${file}.d.ts`, import.meta.url));
      return readFileSync(path, "utf8").replaceAll(/\/\*[^]*?\*\//g, "");
    }).join("\n");
    const isDeclared = (name: string): boolean =>
      new RegExp(`^\\s+(?:readonly |get |set )*${name}\\??[(:<]`, "m").test(declared);
    expect(isDeclared("autoConnect") && isDeclared("emitWithAck")).toBe(true);
    expect(INTERNAL_NAMES.filter(isDeclared).sort()).toEqual(["codec", "env", "report"]);
  });
});
