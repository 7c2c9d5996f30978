// What Node gets: as everybody, and the function itself, with the rest on it, for `require("socket.io-client")(url)`.
import { Fetch, io, NodeWebSocket, NodeXHR, WebSocket, WebTransport, XHR } from "./index.ts";

export * from "./index.ts";
// oxlint-disable-next-line import/no-default-export -- Socket.IO has one
export { io as default } from "./index.ts";
/** @internal Not in the declarations, where it would stand for the whole module: those are as Socket.IO has them. */
export { io as "module.exports" } from "./index.ts";

// The rest is on it already; these the files for pages do not have.
Object.assign(io, { Fetch, NodeWebSocket, NodeXHR, WebSocket, WebTransport, XHR });
