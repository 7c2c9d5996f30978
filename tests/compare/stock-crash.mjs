// Socket.IO with a handler that trusts its client: what X12 of the comparison looks at, in a process of its own, which ends.
import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";

const server = createServer();
new Server(server).on("connection", (socket) => {
  socket.on("say", (message, answer) => answer(message.text.trim()));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const client = connect(`http://127.0.0.1:${server.address().port}`);
await client.timeout(5_000).emitWithAck("say", {});
process.exit(0);
