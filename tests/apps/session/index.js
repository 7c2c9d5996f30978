import { createServer } from "node:http";
import express from "express";
import session from "express-session";
import { Server } from "socket.io";

const app = express();
const httpServer = createServer(app);

const sessions = session({
  secret: "not a secret at all",
  resave: false,
  saveUninitialized: true,
});
app.use(sessions);

app.post("/incr", (req, res) => {
  req.session.count = (req.session.count ?? 0) + 1;
  res.send(String(req.session.count));
  io.to(req.session.id).emit("count", req.session.count);
});

app.post("/logout", (req, res) => {
  const { id } = req.session;
  req.session.destroy(() => {
    io.in(id).disconnectSockets();
    res.status(204).end();
  });
});

const io = new Server(httpServer);

io.engine.use(sessions);

// Later polls of the same connection need no user.
io.engine.use((req, res, next) => {
  const isHandshake = req._query.sid === undefined;
  if (isHandshake && req.headers["x-stranger"]) return next(new Error("no strangers"));
  next();
});

io.engine.on("connection_error", (error) => {
  console.log("refused:", error.code, error.message);
});

io.use((socket, next) => {
  if (socket.request.session) return next();
  next(new Error("no session"));
});

io.on("connection", (socket) => {
  const { request } = socket;
  socket.join(request.session.id);

  socket.on("count", (done) => {
    request.session.reload((error) => {
      if (error) return socket.disconnect();
      done(request.session.count ?? 0);
    });
  });

  socket.on("incr", (done) => {
    request.session.reload((error) => {
      if (error) return socket.disconnect();
      request.session.count = (request.session.count ?? 0) + 1;
      request.session.save();
      done(request.session.count);
    });
  });
});

httpServer.listen(process.env.PORT || 3000, () => {
  console.log(`http://localhost:${httpServer.address().port}`);
});
