// What an app on Socket.IO has in TypeScript.
import { createServer } from "node:http";
import { Server, type ServerOptions, type Socket } from "socket.io";
import { io, type Socket as ClientSocket } from "socket.io-client";

interface FromClient {
  greet: (name: string, done: (answer: string) => void) => void;
}
interface FromServer {
  said: (text: string) => void;
}

const options: Partial<ServerOptions> = { path: "/talk", pingInterval: 10_000 };
const server = new Server<FromClient, FromServer>(createServer(), options);
server.on("connection", (socket: Socket<FromClient, FromServer>) => {
  socket.on("greet", (name, done) => {
    done(name.toUpperCase());
    server.to("lobby").emit("said", name);
    // @ts-expect-error a number is no text, so the types are there and not `any`
    server.emit("said", 1);
  });
});

const client: ClientSocket<FromServer, FromClient> = io("http://localhost", { autoConnect: false });
client.on("said", (text) => text.length);
client.emit("greet", "world", (answer) => answer.length);
// @ts-expect-error there is no such event
client.emit("shout");
