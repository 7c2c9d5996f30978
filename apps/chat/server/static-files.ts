import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

export interface StaticAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type StaticFiles = (path: string) => StaticAnswer;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

const EVERY_ANSWER = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy":
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' blob: data:; frame-ancestors 'none'",
};

/**
 * The files below a directory, read once. A request is looked up among them and never becomes a path of the file
 * system, so there is nothing a path with dots could reach. Knows no HTTP server: every host can use it.
 */
export function staticFiles(directory: string): StaticFiles {
  const answers = new Map<string, StaticAnswer>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(directory, file).split(sep).join("/")}`;
    answers.set(path, { status: 200, headers: headersOf(path), body: readFileSync(file) });
  }
  const index = answers.get("/index.html");
  if (index !== undefined) answers.set("/", index);
  const missing: StaticAnswer = {
    status: 404,
    headers: { ...EVERY_ANSWER, "content-type": "text/plain; charset=utf-8" },
    body: Buffer.from("Not found\n"),
  };
  return (path) => answers.get(path) ?? missing;
}

function headersOf(path: string): Record<string, string> {
  return {
    ...EVERY_ANSWER,
    "content-type": TYPES[extname(path)] ?? "application/octet-stream",
    // The build puts a hash of the content into the names below /assets/.
    "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
  };
}
