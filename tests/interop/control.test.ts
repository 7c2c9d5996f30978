import { sheet } from "./sheet.ts";
import { dialStock, serveStock } from "./stock.ts";

// The control: what fails here is a wish of ours and not Socket.IO.
sheet({ pairing: "stock client → stock server", host: "node" }, { serve: serveStock, dial: dialStock });
