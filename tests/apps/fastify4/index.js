const Fastify = require("fastify");

const app = Fastify();

app.register(require("fastify-socket.io"), { cors: { origin: "https://pages.example" } });

app.get("/", async () => ({ sockets: app.io.engine.clientsCount }));

app.post("/tell", async (request) => {
  app.io.emit("told", request.body.text);
  return { ok: true };
});

app.post("/close", (request, reply) => {
  reply.send({ ok: true });
  app.close();
});

app.ready((error) => {
  if (error) throw error;
  app.io.on("connection", (socket) => {
    socket.on("echo", (value, done) => done(value));
    socket.on("routes", async (done) => {
      const answer = await app.inject("/");
      done(answer.json());
    });
  });
});

app.listen({ port: Number(process.env.PORT || 3000), host: "localhost" }, (error, address) => {
  if (error) throw error;
  console.log(`http://localhost:${new URL(address).port}`);
});
