import { Server } from "socket.io";
import { serve } from "./app.ts";
import { listenOnUws } from "./ready.ts";

const io = new Server();
serve(io);
await listenOnUws((app) => io.attachApp(app));
