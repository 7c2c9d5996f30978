import { serveNode } from "./bowline-server.ts";
import { sheet } from "./sheet.ts";
import { dialStock } from "./stock.ts";

sheet({ pairing: "stock client → bowline server", host: "node" }, { serve: serveNode, dial: dialStock });
