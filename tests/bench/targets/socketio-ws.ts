import { createServer } from "node:http";
import { Server } from "socket.io";
import { serve } from "./app.ts";
import { listenOnNode } from "./ready.ts";

const server = createServer();
serve(new Server(server));
listenOnNode(server);
