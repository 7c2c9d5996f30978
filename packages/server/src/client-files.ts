import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { negotiateEncoding } from "./engine/accept-encoding.ts";
import { type Cors, corsVerdict } from "./engine/cors.ts";
import { incomingOf } from "./engine/incoming.ts";
import { parseQuery } from "./engine/query.ts";
import { compressed } from "./host/compress.ts";
import type { HostRequest, HostResponse } from "./host/host.ts";

/** What pages load: `<script src="/socket.io/socket.io.js">`. Put beside dist/ by the build. */
const NAMES = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];
/** In the order in which they are taken if the browser has no preference. */
const ENCODINGS = ["br", "gzip", "deflate"] as const;

/** The paths below `path` under which the client is served. */
export function clientPaths(path: string): readonly string[] {
  return NAMES.flatMap((name) => [`${path}/${name}`, `${path}/${name}.map`]);
}

interface ClientFile {
  readonly body: Uint8Array;
  readonly etag: string;
}

/** Read and compressed once in a process, when somebody asks: they are part of the package. */
const files = new Map<string, Promise<ClientFile>>();
const answers = new Map<string, Promise<HostResponse>>();

/**
 * The client's bundles, as Socket.IO serves them. SPEC K1.
 * Rejects with what the functions of `cors` fail with, and when the file is not there.
 */
export async function serveClientFile(request: HostRequest, cors: Cors | undefined): Promise<HostResponse> {
  const verdict =
    cors && (await corsVerdict(cors, request, () => incomingOf(request, parseQuery(request.query))));
  if (verdict?.answer) return verdict.answer;
  const name = request.path.slice(request.path.lastIndexOf("/") + 1);
  const file = await once(files, name, () => readClientFile(name));
  const tag = request.headers["if-none-match"];
  if (tag === file.etag || tag === `W/${file.etag}`) return { status: 304, ...verdict };
  const encoding = negotiateEncoding(request.headers["accept-encoding"], ENCODINGS);
  const answer = await once(answers, `${encoding} ${name}`, () =>
    compressed({
      status: 200,
      headers: {
        "Cache-Control": "public, max-age=0",
        "Content-Type": `application/${name.endsWith(".map") ? "json" : "javascript"}; charset=utf-8`,
        ETag: file.etag,
      },
      body: file.body,
      ...(encoding && { encoding: { name: encoding } }),
    }),
  );
  return verdict ? { ...answer, headers: { ...answer.headers, ...verdict.headers } } : answer;
}

async function readClientFile(name: string): Promise<ClientFile> {
  // Here and not above: in a bundle of CommonJS there is no `import.meta.url`.
  const folder = join(fileURLToPath(import.meta.url), "..", "..", "client-dist");
  const body = await readFile(join(folder, name));
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
}

/** What failed is tried again the next time. */
function once<Value>(
  made: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = made.get(key);
  if (known) return known;
  const value = make();
  made.set(key, value);
  value.catch(() => made.delete(key));
  return value;
}
