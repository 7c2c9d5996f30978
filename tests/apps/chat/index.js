const http = require("node:http");
const path = require("node:path");
const express = require("express");
const { Server } = require("socket.io");

const app = express();
const server = http.createServer(app);
const io = new Server(server, {
  connectionStateRecovery: {},
});

// Everything that was said, oldest first. The number of a line is its place here, from 1.
const lines = [];
const seen = new Set();

app.get("/", (req, res) => {
  res.sendFile(path.join(__dirname, "index.html"));
});

io.on("connection", async (socket) => {
  socket.on("line", (text, id, done) => {
    if (!seen.has(id)) {
      seen.add(id);
      lines.push(text);
      io.emit("line", text, lines.length);
    }
    done();
  });

  if (!socket.recovered) {
    const after = socket.handshake.auth.after ?? 0;
    for (let number = after + 1; number <= lines.length; number++) {
      socket.emit("line", lines[number - 1], number);
    }
  }
});

server.listen(process.env.PORT || 3000, () => {
  console.log(`chat on http://localhost:${server.address().port}`);
});
