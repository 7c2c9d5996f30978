import type { Cell } from "./cell.ts";
import type { ServerOptions } from "./surface.ts";

/** One behaviour of Socket.IO. It knows nothing of the column it runs in but what `cell` tells. */
export interface Row {
  readonly name: string;
  readonly server?: ServerOptions;
  run(cell: Cell): Promise<void>;
}
