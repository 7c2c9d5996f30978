import { dialBowline } from "./bowline-client.ts";
import { sheet } from "./sheet.ts";
import { serveStock } from "./stock.ts";

sheet({ pairing: "bowline client → stock server", host: "node" }, { serve: serveStock, dial: dialBowline });
