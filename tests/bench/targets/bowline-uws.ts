import { Server } from "@bowline/server";
import type { Server as StockServer } from "socket.io";
import { serve } from "./app.ts";
import { listenOnUws } from "./ready.ts";

const io = new Server();
serve(io as unknown as StockServer);
await listenOnUws((app) => io.attachApp(app as unknown as Parameters<typeof io.attachApp>[0]));
