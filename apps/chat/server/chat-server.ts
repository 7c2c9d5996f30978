import type { Server, Socket } from "@bowline/server";
import type { ClientToServer, ServerToClient } from "../shared/events.ts";

/** Bowline's server and sockets with the events of this chat. */
export type ChatServer = Server<ClientToServer, ServerToClient>;
export type ChatSocket = Socket<ClientToServer, ServerToClient>;
