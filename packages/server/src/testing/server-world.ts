import { Server, type ServerOptions, type Socket } from "../index.ts";
import { MemoryHost, type MemoryPeer } from "./memory-host.ts";

/** A server on a host without a network, with all that reached `onError`. */
export interface ServerWorld {
  readonly io: Server;
  readonly host: MemoryHost;
  readonly errors: [error: unknown, stage: string][];
  /** A peer in the main namespace, with the socket that the server has for it. */
  enter(): Promise<{ peer: MemoryPeer; socket: Socket }>;
}

export function serverWorld(options: ServerOptions = {}): ServerWorld {
  const host = new MemoryHost();
  const errors: ServerWorld["errors"] = [];
  const io = new Server({ onError: (error, { stage }) => errors.push([error, stage]), ...options });
  io.attach(host);
  const enter = async (): Promise<{ peer: MemoryPeer; socket: Socket }> => {
    const peer = await host.connect();
    const socket = new Promise<Socket>((resolve) => io.once("connection", resolve));
    peer.receive("40");
    return { peer, socket: await socket };
  };
  return { io, host, errors, enter };
}
