import { dialBowline } from "./bowline-client.ts";
import { serveUws, uwsMissing } from "./bowline-server.ts";
import { sheet } from "./sheet.ts";

sheet(
  { pairing: "bowline client → bowline server", host: "uws" },
  { serve: serveUws, dial: dialBowline, missing: uwsMissing },
);
