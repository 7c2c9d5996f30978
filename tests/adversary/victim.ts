import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ErrorStage, Server, type ServerOptions } from "@bowline/server";
import { listenUws } from "../uws-app.ts";

/** A server under attack, with all that reached `onError`. */
export interface Victim {
  readonly io: Server;
  readonly port: number;
  readonly errors: [error: unknown, stage: ErrorStage][];
}

export type Expose = (options?: ServerOptions) => Promise<Victim>;

function victim(options: ServerOptions | undefined): Omit<Victim, "port"> {
  const errors: Victim["errors"] = [];
  return {
    errors,
    io: new Server({ onError: (error, { stage }) => errors.push([error, stage]), ...options }),
  };
}

export const exposeNode: Expose = async (options) => {
  const made = victim(options);
  const http = createServer();
  made.io.attach(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return { ...made, port: (http.address() as AddressInfo).port };
};

export const exposeUws: Expose = async (options) => {
  const made = victim(options);
  const { port } = await listenUws((app) => made.io.attachApp(app));
  return { ...made, port };
};
