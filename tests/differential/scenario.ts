import type { ClientName, ServerName } from "./libraries.ts";
import type { Combination, TransportName, World } from "./world.ts";

/** A small application, and what is to be seen of it; written once, for whichever library. */
export interface Scenario {
  readonly name: string;
  /** Which ends are the library's; the others are made by hand. Both, unless it says so. */
  readonly ends?: "server" | "client";
  /** For what a server on uWebSockets.js has not: an HTTP server of Node's. */
  readonly host?: "node";
  /** For what is about one transport, or names its own: not repeated over polling. */
  readonly overPolling?: false;
  run(world: World): Promise<void>;
}

const SERVER_NAMES: readonly ServerName[] = ["stock", "node", "uws"];
const CLIENT_NAMES: readonly ClientName[] = ["stock", "bowline"];

/** What the scenario gives with stock on both ends is the truth for all on the same transport. */
export function baselineOf({ transport }: Combination): Combination {
  return { server: "stock", client: "stock", transport };
}

/** All in which the scenario must give what it gives with the baseline. */
export function combinationsOf({ ends, host, overPolling }: Scenario): Combination[] {
  const servers = SERVER_NAMES.filter(
    (server) => !(ends === "client" && server !== "stock") && !(host === "node" && server === "uws"),
  );
  const clients = CLIENT_NAMES.filter((client) => !(ends === "server" && client !== "stock"));
  const transports: readonly TransportName[] =
    ends || overPolling === false ? ["websocket"] : ["websocket", "polling"];
  return transports
    .flatMap((transport) =>
      servers.flatMap((server) => clients.map((client) => ({ server, client, transport }))),
    )
    .filter(({ server, client }) => server !== "stock" || client !== "stock");
}

export function nameOf({ ends }: Scenario, { server, client, transport }: Combination): string {
  if (ends === "server") return `${server} server`;
  if (ends === "client") return `${client} client`;
  return `${client} client → ${server} server, ${transport}`;
}
