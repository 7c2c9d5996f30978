// A server and a client, in ten lines.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";

const httpServer = createServer();
const server = new Server(httpServer);
server.on("connection", (socket) => socket.on("greet", (name, done) => done(`hello ${name}`)));

httpServer.listen(0, () => {
  const socket = io(`http://localhost:${httpServer.address().port}`);
  socket.emit("greet", "world", (answer) => {
    console.log(answer);
    socket.disconnect();
    server.close();
  });
});
