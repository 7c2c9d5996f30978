import type { Server, Socket } from "socket.io";
import { MODE } from "./ready.ts";
import { streamTokens } from "./tokens.ts";

/** The application, written once for Socket.IO and Bowline: what a client asks for goes out as event `m`. */
export function serve(io: Server): void {
  let connected = 0;
  io.on("connection", (socket) => {
    socket.on("echo", (data: unknown, answer: (data: unknown) => void) => answer(data));
    if (MODE === "hello") socket.emit("hello", "who are you?");
    if (MODE !== "full") return;
    connected += 1;
    const group = connected % 2 === 1 ? "odd" : "even";
    void socket.join(connected === 1 ? ["all", group, "first"] : ["all", group]);
    fanOut(io, socket);
    manyRooms(io, socket);
    stream(socket);
  });
}

function fanOut(io: Server, socket: Socket): void {
  socket.on("broadcast", (data: unknown) => io.emit("m", data));
  socket.on("socketBroadcast", (data: unknown) => socket.broadcast.emit("m", data));
  socket.on("room", (data: unknown) => io.to("all").emit("m", data));
  socket.on("except", (data: unknown) => io.except("first").emit("m", data));
  socket.on("multi", (data: unknown) => io.to("odd").to("even").emit("m", data));
  socket.on("direct", (data: unknown, id: string) => io.to(id).emit("m", data));
}

function manyRooms(io: Server, socket: Socket): void {
  socket.on("joinMany", (prefix: string, count: number, answer: (count: number) => void) => {
    for (let index = 0; index < count; index += 1) void socket.join(`${prefix}${index}`);
    answer(count);
  });
  socket.on("join", (room: string, answer: (room: string) => void) => {
    void socket.join(room);
    answer(room);
  });
  socket.on("leave", (room: string, answer: (room: string) => void) => {
    void socket.leave(room);
    answer(room);
  });
  socket.on("toRoom", (data: unknown, room: string) => io.to(room).emit("m", data));
}

function stream(socket: Socket): void {
  socket.on("tokens", (count: number, perSecond: number) => {
    const stop = streamTokens(count, perSecond, (at, token) => void socket.emit("t", at, token));
    socket.on("disconnect", stop);
  });
}
