import type { Ends } from "./cell.ts";
import { once } from "./wait.ts";

/** What the server gets of an event from the client. */
export async function up({ client, socket }: Ends, ...args: unknown[]): Promise<unknown[]> {
  const arrived = once(socket, "up");
  client.emit("up", ...args);
  return arrived;
}

/** What the client gets of an event from the server. */
export async function down({ client, socket }: Ends, ...args: unknown[]): Promise<unknown[]> {
  const arrived = once(client, "down");
  socket.emit("down", ...args);
  return arrived;
}

export async function bothWays(ends: Ends, ...args: unknown[]): Promise<[unknown[], unknown[]]> {
  return [await up(ends, ...args), await down(ends, ...args)];
}
