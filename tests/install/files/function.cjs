// The shape that code has had since the first versions: a call makes the server.
const httpServer = require("node:http").createServer();
const io = require("socket.io")(httpServer);
const connect = require("socket.io-client");

io.on("connection", (socket) => socket.on("greet", (name, done) => done(`hello ${name}`)));

httpServer.listen(0, () => {
  const socket = connect(`http://localhost:${httpServer.address().port}`);
  socket.emit("greet", "function", (answer) => {
    console.log(answer);
    socket.disconnect();
    io.close();
  });
});
