import type { Server as HttpServer } from "node:http";
import { type AddressInfo, type Server } from "node:net";
import { answerQuestions } from "./control.ts";

/** Where to listen; 0 is any port. */
export const PORT = Number(process.env["PORT"] ?? 0);

/**
 * How much of the application there is. `full`: all of it. `bare`: no rooms, and `echo` alone, for what a connection costs by
 * itself. `hello`: the server speaks first.
 */
export type Mode = "full" | "bare" | "hello";
export const MODE: Mode = (process.env["MODE"] as Mode | undefined) ?? "full";

/** Every target's last line: it can be connected to. */
export function ready(port: number): void {
  answerQuestions();
  console.log(`ready ${port}`);
}

export function listenOnNode(server: HttpServer | Server): void {
  server.listen({ port: PORT, host: "127.0.0.1", backlog: 4_096 }, () =>
    ready((server.address() as AddressInfo).port),
  );
}

/** uWebSockets.js, as far as targets use it. */
export interface UwsSocket {
  send(message: string | ArrayBuffer, isBinary?: boolean): number;
  publish(topic: string, message: string | ArrayBuffer, isBinary?: boolean): boolean;
  subscribe(topic: string): boolean;
  unsubscribe(topic: string): boolean;
  getUserData(): object;
}

export interface UwsApp {
  ws(pattern: string, behavior: object): UwsApp;
  any(pattern: string, handler: (response: unknown, request: unknown) => void): UwsApp;
  publish(topic: string, message: string | ArrayBuffer, isBinary?: boolean): boolean;
  listen(host: string, port: number, options: number, listening: (token: object | false) => void): UwsApp;
}

interface UwsModule {
  App(): UwsApp;
  us_socket_local_port(token: object): number;
}

/** Without it two apps on one port would both "succeed". */
const EXCLUSIVE_PORT = 1;

async function loadUws(): Promise<UwsModule> {
  const loaded = (await import("uWebSockets.js")) as unknown as UwsModule & { default?: UwsModule };
  return loaded.default ?? loaded;
}

export async function listenOnUws(attach: (app: UwsApp) => void): Promise<void> {
  const uws = await loadUws();
  const app = uws.App();
  attach(app);
  app.listen("127.0.0.1", PORT, EXCLUSIVE_PORT, (token) => {
    if (!token) throw new Error(`port ${PORT} is taken`);
    ready(uws.us_socket_local_port(token));
  });
}
