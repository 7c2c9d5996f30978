import { serveUws, uwsMissing } from "./bowline-server.ts";
import { sheet } from "./sheet.ts";
import { dialStock } from "./stock.ts";

sheet(
  { pairing: "stock client → bowline server", host: "uws" },
  { serve: serveUws, dial: dialStock, missing: uwsMissing },
);
