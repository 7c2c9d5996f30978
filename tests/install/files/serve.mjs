// Serves the folder that it is told of, and answers the client in it. Ends when its standard input does.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { Server } from "socket.io";

const folder = process.argv[2];
const types = { ".html": "text/html", ".js": "text/javascript" };

const httpServer = createServer(async (request, response) => {
  const path = request.url === "/" ? "/index.html" : request.url;
  const body = await readFile(join(folder, path)).catch(() => undefined);
  response.writeHead(body ? 200 : 404, { "content-type": types[extname(path)] ?? "text/plain" }).end(body);
});
const server = new Server(httpServer);
server.on("connection", (socket) => socket.on("greet", (name, done) => done(`hello ${name}`)));

httpServer.listen(0, () => console.log(httpServer.address().port));
process.stdin.resume().on("end", () => server.close());
