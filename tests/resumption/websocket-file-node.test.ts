import { websocketFile } from "./websocket-file.ts";

websocketFile("node");
