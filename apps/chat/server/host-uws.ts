import { once } from "node:events";
import { STATUS_CODES } from "node:http";
import { createServer } from "node:net";
import { Server } from "@bowline/server";
import type { UwsApp } from "@bowline/server/uws";
import type { ChatServer } from "./chat-server.ts";
import type { Hosted, Setup } from "./host.ts";
import type { StaticFiles } from "./static-files.ts";

/** What is used here of uWebSockets.js, beyond what Bowline itself uses of an app. */
interface ListeningApp extends UwsApp {
  listen(host: string, port: number, options: number, done: (socket: object | false) => void): unknown;
}
interface Uws {
  App(): ListeningApp;
  us_socket_local_port(socket: object): number;
}
type UwsHandler = Parameters<UwsApp["any"]>[1];
type UwsResponse = Parameters<UwsHandler>[0];
type UwsRequest = Parameters<UwsHandler>[1];

/** Without it two servers could share a port, each getting some of the connections. */
const EXCLUSIVE_PORT = 1;

export async function loadUws(): Promise<Uws> {
  const module = (await import("uWebSockets.js")) as unknown as Uws & { readonly default?: Uws };
  return module.default ?? module;
}

/** The chat on uWebSockets.js. */
export async function hostOnUws(uws: Uws, { host, port, files, prepare }: Setup): Promise<Hosted> {
  const app = uws.App();
  const io: ChatServer = new Server();
  prepare(io);
  io.attachApp(app);
  // `any`, not `get`: a method's own route would win over Bowline's, however general its pattern is.
  app.any("/*", (response, request) => serve(files, response, request));
  const socket = await new Promise<object | false>((resolve) => {
    app.listen(host, port, EXCLUSIVE_PORT, resolve);
  });
  if (socket === false) throw await whyNot(host, port);
  return { name: "uWebSockets.js", io, port: uws.us_socket_local_port(socket) };
}

/** uWebSockets.js does not say why it cannot listen; node does. */
async function whyNot(host: string, port: number): Promise<unknown> {
  const probe = createServer().listen(port, host);
  const [error] = await once(probe, "error", { signal: AbortSignal.timeout(1000) }).catch(
    (timeout: unknown) => [timeout],
  );
  probe.close();
  return error;
}

function serve(files: StaticFiles, response: UwsResponse, request: UwsRequest): void {
  const method = request.getMethod();
  if (method !== "get" && method !== "head") {
    response.writeStatus("405 Method Not Allowed");
    response.writeHeader("allow", "GET, HEAD");
    response.end();
    return;
  }
  const { status, headers, body } = files(request.getUrl());
  response.writeStatus(`${String(status)} ${STATUS_CODES[status] ?? ""}`);
  for (const [name, value] of Object.entries(headers)) response.writeHeader(name, value);
  if (method === "get") {
    response.end(body);
    return;
  }
  // Given the length as an argument, uWebSockets.js would wait for a body of that length.
  response.writeHeader("content-length", String(body.byteLength));
  response.endWithoutBody();
}
