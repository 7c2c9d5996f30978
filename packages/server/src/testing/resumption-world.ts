import type { Socket } from "../socket/socket.ts";
import { ResumptionClient } from "./resumption-client.ts";
import { SocketWorld, type SocketWorldOptions } from "./socket-world.ts";

/** Namespaces whose sockets may agree on resumption, and clients that do. */
export class ResumptionWorld extends SocketWorld {
  constructor(options: SocketWorldOptions = {}) {
    super({ resumption: true, ...options });
  }

  client(key?: string, namespace?: string): ResumptionClient {
    return new ResumptionClient(() => this.link(), key, namespace);
  }

  /** A client in the main namespace, and its socket. */
  async enter(one: ResumptionClient = this.client()): Promise<{ one: ResumptionClient; socket: Socket }> {
    await one.connect();
    return { one, socket: this.socket(one.id ?? "") };
  }
}

/** Everything that a socket and its resumption tell of, in order. */
export function journalOf(socket: Socket): string[] {
  const journal: string[] = [];
  socket.on("disconnect", (reason) => journal.push(`disconnect: ${reason}`));
  socket.resumption?.on("suspend", (reason) => journal.push(`suspend: ${reason}`));
  socket.resumption?.on("resume", ({ gap }) => journal.push(gap ? `resume, gap to ${gap.to}` : "resume"));
  socket.resumption?.on("gap", ({ from, to, why }) => journal.push(`gap ${from}-${to}: ${why}`));
  return journal;
}
