import Fastify from "fastify";
import socketio from "fastify-socket";

const app = Fastify();

await app.register(socketio, {
  cors: { origin: "https://pages.example" },
  preClose: (done) => {
    app.io.emit("closing");
    app.io.disconnectSockets();
    done();
  },
});

app.get("/", () => ({ sockets: app.io.engine.clientsCount }));

app.post("/tell", (request) => {
  app.io.emit("told", request.body.text);
  return { ok: true };
});

app.post("/close", (request, reply) => {
  reply.send({ ok: true });
  app.close();
});

await app.ready();
app.io.on("connection", (socket) => {
  socket.on("echo", (value, done) => done(value));
  socket.on("routes", async (done) => {
    const answer = await app.inject("/");
    done(answer.json());
  });
});

const address = await app.listen({ port: Number(process.env.PORT ?? 3000), host: "localhost" });
console.log(`http://localhost:${new URL(address).port}`);
