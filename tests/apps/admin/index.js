const { createServer } = require("node:http");
const { Server } = require("socket.io");
const { instrument } = require("@socket.io/admin-ui");

const httpServer = createServer();
const io = new Server(httpServer, {
  cors: { origin: ["https://admin.socket.io"], credentials: true },
});

io.on("connection", (socket) => {
  socket.data.name = "nobody";
  socket.on("hello", (name, done) => {
    socket.data.name = name;
    done(`hello ${name}`);
  });
  socket.on("enter", (room) => socket.join(room));
  socket.on("exit", (room) => socket.leave(room));
  socket.on("whereami", (done) => done([...socket.rooms]));
});
io.of("/games").on("connection", () => {});

instrument(io, { auth: false, serverId: "the server", mode: "development" });

// A namespace that comes later is seen as well.
io.of("/later").on("connection", () => {});

httpServer.listen(process.env.PORT || 3000, () => {
  console.log(`http://localhost:${httpServer.address().port}`);
});
