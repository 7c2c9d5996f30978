import { dialBowline } from "./bowline-client.ts";
import { serveNode } from "./bowline-server.ts";
import { sheet } from "./sheet.ts";

sheet({ pairing: "bowline client → bowline server", host: "node" }, { serve: serveNode, dial: dialBowline });
