// What socket.io.msgpack.min.js has instead of src/extras-none.ts: the parser of that name, which the server needs too.
import { parserCodec } from "@bowline/protocol/internal";
import * as parser from "socket.io-msgpack-parser";

export { EXTRAS, HTTP, LEGACY, sendInTurn, transportError } from "./src/extras-none.ts";

/** Bytes as a page's WebSocket has them. */
export const codecOf = () => parserCodec(parser, (bytes) => bytes.slice().buffer);
