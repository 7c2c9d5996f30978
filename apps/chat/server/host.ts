import type { ChatServer } from "./chat-server.ts";
import type { StaticFiles } from "./static-files.ts";

/** What a host needs to run the chat. */
export interface Setup {
  readonly host: string;
  readonly port: number;
  readonly files: StaticFiles;
  /** Called before the port opens, so that nobody connects to a server that is not ready. */
  readonly prepare: (io: ChatServer) => void;
}

/** The chat's server, listening. */
export interface Hosted {
  readonly name: "node:http" | "uWebSockets.js";
  readonly io: ChatServer;
  /** The one that was asked for, or the one that was free when 0 was. */
  readonly port: number;
}
