import { createServer } from "node:http";
import { Server } from "@bowline/server";
import type { Server as StockServer } from "socket.io";
import { serve } from "./app.ts";
import { listenOnNode } from "./ready.ts";

const server = createServer();
serve(new Server(server) as unknown as StockServer);
listenOnNode(server);
