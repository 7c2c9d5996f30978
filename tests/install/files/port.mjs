// A server on a port of its own, without an HTTP server being made first.
import { Server } from "socket.io";
import { io } from "socket.io-client";

const server = new Server(0);
server.on("connection", (socket) => socket.on("greet", (name, done) => done(`hello ${name}`)));

server.httpServer.on("listening", async () => {
  const socket = io(`http://localhost:${server.httpServer.address().port}`);
  console.log(await socket.emitWithAck("greet", "port"));
  socket.disconnect();
  server.close();
});
