import type { ClientName, ServerName } from "./libraries.ts";
import type { Combination, World } from "./world.ts";

/** A small application, and what is to be seen of it; written once, for whichever library. */
export interface Scenario {
  readonly name: string;
  /** Which ends are the library's; the others are made by hand. Both, unless it says so. */
  readonly ends?: "server" | "client";
  /** For what a server on uWebSockets.js has not: an HTTP server of Node's. */
  readonly host?: "node";
  run(world: World): Promise<void>;
}

export const BASELINE: Combination = { server: "stock", client: "stock" };

const SERVER_NAMES: readonly ServerName[] = ["stock", "node", "uws"];
const CLIENT_NAMES: readonly ClientName[] = ["stock", "bowline"];

/** All in which the scenario must give what it gives with the baseline. */
export function combinationsOf({ ends, host }: Scenario): Combination[] {
  const servers = SERVER_NAMES.filter(
    (server) => !(ends === "client" && server !== "stock") && !(host === "node" && server === "uws"),
  );
  const clients = CLIENT_NAMES.filter((client) => !(ends === "server" && client !== "stock"));
  return servers
    .flatMap((server) => clients.map((client) => ({ server, client })))
    .filter(({ server, client }) => server !== BASELINE.server || client !== BASELINE.client);
}

export function nameOf({ ends }: Scenario, { server, client }: Combination): string {
  if (ends === "server") return `${server} server`;
  if (ends === "client") return `${client} client`;
  return `${client} client → ${server} server`;
}
