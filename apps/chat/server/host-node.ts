import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Server } from "@bowline/server";
import type { ChatServer } from "./chat-server.ts";
import type { Hosted, Setup } from "./host.ts";
import type { StaticFiles } from "./static-files.ts";

/** The chat on node:http. */
export async function hostOnNode({ host, port, files, prepare }: Setup): Promise<Hosted> {
  const http = createServer((request, response) => serve(files, request, response));
  const io: ChatServer = new Server(http);
  prepare(io);
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, resolve);
  });
  const address = http.address();
  return {
    name: "node:http",
    io,
    port: typeof address === "object" && address !== null ? address.port : port,
  };
}

function serve(files: StaticFiles, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  const { status, headers, body } = files(path);
  response.writeHead(status, { ...headers, "content-length": body.byteLength });
  response.end(request.method === "HEAD" ? undefined : body);
}
