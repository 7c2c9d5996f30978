import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serveChat } from "./chat.ts";
import { chooseAssistant } from "./choose-assistant.ts";
import { hostOnNode } from "./host-node.ts";
import { hostOnUws, loadUws } from "./host-uws.ts";
import type { Hosted, Setup } from "./host.ts";
import { staticFiles } from "./static-files.ts";

const DEFAULT_PORT = 3000;

await start().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});

async function start(): Promise<void> {
  const host = process.env["HOST"] ?? "127.0.0.1";
  const page = fileURLToPath(new URL("../page", import.meta.url));
  if (!existsSync(page)) throw new Error("The page is not built yet. Run `npm run build` first.");
  const assistant = chooseAssistant(process.env);
  const { io, name, port } = await open(process.env["BOWLINE_HOST"], {
    host,
    port: readPort(process.env["PORT"]),
    files: staticFiles(page),
    prepare: (server) => serveChat(server, assistant),
  });
  const shown = ["127.0.0.1", "0.0.0.0", "::", "::1"].includes(host) ? "localhost" : host;
  console.log(`Bowline chat on http://${shown}:${String(port)} (host: ${name})`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void Promise.resolve(io.close()).finally(() => process.exit()));
  }
}

async function open(wanted: string | undefined, setup: Setup): Promise<Hosted> {
  if (wanted === "node") return hostOnNode(setup);
  if (wanted === "uws") return hostOnUws(await loadUws(), setup);
  if (wanted !== undefined) throw new Error(`BOWLINE_HOST is "node" or "uws", not "${wanted}".`);
  // The faster one where its binary runs, the one that runs everywhere else.
  const uws = await loadUws().catch(() => undefined);
  return uws === undefined ? hostOnNode(setup) : hostOnUws(uws, setup);
}

function readPort(value: string | undefined): number {
  if (value === undefined || value === "") return DEFAULT_PORT;
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT is a number from 0 to 65535, not "${value}".`);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const port = process.env["PORT"] ?? String(DEFAULT_PORT);
  if ("code" in error && error.code === "EADDRINUSE") {
    return `Port ${port} is taken by another program. Stop it, or choose another port: PORT=${String(Number(port) + 1)} npm start`;
  }
  return error.message;
}
