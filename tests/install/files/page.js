// The client in a page, for a bundler.
import { io } from "socket.io-client";

const socket = io();
socket.emit("greet", "page", (answer) => (document.title = answer));
