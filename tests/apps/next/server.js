const { createServer } = require("node:http");
const next = require("next");
const { Server } = require("socket.io");

const dev = process.env.NODE_ENV === "development";
const hostname = "localhost";
const app = next({ dev, hostname, port: Number(process.env.PORT || 3000) });

app.prepare().then(() => {
  const handle = app.getRequestHandler();
  const httpServer = createServer((req, res) => handle(req, res));
  const io = new Server(httpServer);

  let visits = 0;
  io.on("connection", (socket) => {
    visits++;
    io.emit("visits", visits);
    socket.on("greet", (name, done) => done(`hello ${name}`));
  });

  httpServer.listen(process.env.PORT || 3000, () => {
    console.log(`http://localhost:${httpServer.address().port}`);
  });
});
