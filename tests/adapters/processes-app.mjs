// One server on several processes, behind @socket.io/sticky, written as an app on Socket.IO would have it.
// LIBRARY: what is imported. ADAPTER: "cluster" or "postgres", the latter with PG_URL.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { createAdapter as clusterAdapter, setupPrimary } from "@socket.io/cluster-adapter";
import { createAdapter as postgresAdapter } from "@socket.io/postgres-adapter";
import { setupMaster, setupWorker } from "@socket.io/sticky";
import pg from "pg";

const WORKERS = 2;
const { ADAPTER, LIBRARY, PG_URL } = process.env;

if (cluster.isPrimary) {
  if (ADAPTER === "postgres") {
    const pool = new pg.Pool({ connectionString: PG_URL });
    await pool.query(
      "CREATE TABLE IF NOT EXISTS socket_io_attachments (id bigserial UNIQUE, created_at timestamptz DEFAULT NOW(), payload bytea)",
    );
    await pool.end();
  }
  const httpServer = createServer();
  setupMaster(httpServer, { loadBalancingMethod: "round-robin" });
  setupPrimary();
  cluster.setupPrimary({ serialization: "advanced" });
  let ready = 0;
  for (let n = 0; n < WORKERS; n++) {
    cluster.fork().on("message", (message) => {
      if (message !== "ready" || ++ready < WORKERS) return;
      httpServer.listen(0, "127.0.0.1", () => process.send(httpServer.address().port));
    });
  }
  process.on("disconnect", () => process.exit());
} else {
  const { Server } = await import(LIBRARY);
  // A socket that is handed to a worker may lose what comes before the primary has let go of it, the CONNECT of a quick
  // client for one (seen as no byte read here, with 237 written). The server gives such a connection up, and it comes back.
  const io = new Server(createServer(), { pingInterval: 5000, connectTimeout: 1000 });
  if (ADAPTER === "cluster") io.adapter(clusterAdapter());
  else {
    const pool = new pg.Pool({ connectionString: PG_URL, max: 4 });
    io.adapter(postgresAdapter(pool, { heartbeatInterval: 1000 }));
  }
  setupWorker(io);
  io.on("who", (answer) => answer(process.pid));
  io.on("connection", (socket) => {
    socket.on("me", (answer) => answer(process.pid, socket.id));
    socket.on("servers", async (answer) => answer(await io.of("/").adapter.serverCount()));
    socket.on("join", async (room, answer) => answer(await socket.join(room)));
    socket.on("say", (room, what, answer) => {
      io.to(room).except("deaf").emit("said", what);
      answer();
    });
    socket.on("say others", (room, what, answer) => {
      socket.to(room).emit("said", what);
      answer();
    });
    socket.on("sockets", async (room, answer) => {
      const found = await io.in(room).fetchSockets();
      answer(found.map(({ id, rooms }) => [id, [...rooms].filter((name) => name !== id)]));
    });
    socket.on("ask", async (room, answer) =>
      answer(await io.to(room).timeout(5000).emitWithAck("question", 1)),
    );
    socket.on("who", async (answer) => answer(await io.serverSideEmitWithAck("who")));
    socket.on("join all", (from, to, answer) => {
      io.in(from).socketsJoin(to);
      answer();
    });
    socket.on("leave all", (from, room, answer) => {
      io.in(from).socketsLeave(room);
      answer();
    });
    socket.on("end", (room, answer) => {
      io.in(room).disconnectSockets(true);
      answer();
    });
  });
  process.send("ready");
}
