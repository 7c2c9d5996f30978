import { RealtimeError } from "@bowline/protocol";
import type { AttachTarget } from "./attach-target.ts";
import type { ServerOptions } from "./options.ts";
import { Server } from "./server.ts";
import { BroadcastAckError } from "./socket/broadcast-acks.ts";
import { Broadcast } from "./socket/broadcast.ts";
import { Namespace } from "./socket/namespace.ts";
import { SocketOperator } from "./socket/operator.ts";
import { Socket } from "./socket/socket.ts";

/**
 * What `require()` gives, as Socket.IO has it: `require("socket.io")(httpServer, options)` makes a server, and all that
 * can be imported hangs on it.
 */
export const required: object = Object.assign(
  (target?: AttachTarget | ServerOptions, options?: ServerOptions) => new Server(target, options),
  {
    Server,
    Namespace,
    Socket,
    Broadcast,
    BroadcastOperator: Broadcast,
    BroadcastAckError,
    SocketOperator,
    RealtimeError,
  },
);
