export type Pairing =
  | "stock client → stock server"
  | "stock client → bowline server"
  | "bowline client → stock server"
  | "bowline client → bowline server";
export type HostName = "node" | "uws";
export type TransportName = "polling" | "websocket" | "upgrade" | "sse" | "sse upgrade";

export interface Column {
  readonly pairing: Pairing;
  readonly host: HostName;
  readonly transport: TransportName;
}

/** Server-sent events are there between our own ends only. */
export function transportsOf(pairing: Pairing): readonly TransportName[] {
  const stock: readonly TransportName[] = ["polling", "websocket", "upgrade"];
  return pairing === "bowline client → bowline server" ? [...stock, "sse", "sse upgrade"] : stock;
}

/** One test file for each. The stock server is there on node only. */
export const SHEETS: readonly (Pick<Column, "pairing" | "host"> & { readonly file: string })[] = [
  { pairing: "stock client → stock server", host: "node", file: "control.test.ts" },
  { pairing: "stock client → bowline server", host: "node", file: "stock-to-bowline-node.test.ts" },
  { pairing: "stock client → bowline server", host: "uws", file: "stock-to-bowline-uws.test.ts" },
  { pairing: "bowline client → stock server", host: "node", file: "bowline-to-stock.test.ts" },
  { pairing: "bowline client → bowline server", host: "node", file: "bowline-to-bowline-node.test.ts" },
  { pairing: "bowline client → bowline server", host: "uws", file: "bowline-to-bowline-uws.test.ts" },
];
