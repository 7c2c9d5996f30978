import type { RealtimeError } from "@bowline/protocol";
import { expectTypeOf, test } from "vitest";
import { io, type Manager, type Socket } from "../index.ts";

interface ServerToClient {
  news: (text: string, at: number) => void;
  ask: (question: string, answer: (text: string) => void) => void;
}
interface ClientToServer {
  say: (text: string) => void;
  add: (a: number, b: number, sum: (result: number) => void) => void;
  none: () => void;
}

test("types of a socket with event maps", () => {
  const socket: Socket<ServerToClient, ClientToServer> = io("http://a");
  expectTypeOf(io<ServerToClient, ClientToServer>()).toEqualTypeOf(socket);
  expectTypeOf(socket.io).toEqualTypeOf<Manager>();
  expectTypeOf(socket.id).toEqualTypeOf<string | undefined>();

  socket.on("news", (text, at) => {
    expectTypeOf(text).toEqualTypeOf<string>();
    expectTypeOf(at).toEqualTypeOf<number>();
  });
  socket.on("news", async () => {});
  socket.on("ask", (question, answer) => answer(question));
  socket.on("connect_error", (error) => expectTypeOf(error).toEqualTypeOf<RealtimeError>());
  socket.on("disconnect", (reason, details) => {
    expectTypeOf(reason).toExtend<string>();
    expectTypeOf(details?.description).toEqualTypeOf<string | undefined>();
  });
  // @ts-expect-error: no such event
  socket.on("nws", () => {});
  // @ts-expect-error: it is a string
  socket.on("news", (text: number) => text);

  socket.emit("say", "hello");
  socket.emit("none");
  socket.emit("add", 1, 2, (sum) => expectTypeOf(sum).toEqualTypeOf<number>());
  // @ts-expect-error: a string is due
  socket.emit("say", 1);
  // @ts-expect-error: an argument is missing
  socket.emit("say");
  // @ts-expect-error: it is the server that sends news
  socket.emit("news", "x", 1);

  expectTypeOf(socket.emitWithAck("add", 1, 2)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(socket.timeout(1).emitWithAck("add", 1, 2)).toEqualTypeOf<Promise<number>>();
  socket.timeout(1).emit("add", 1, 2, (error, sum) => {
    expectTypeOf(error).toEqualTypeOf<Error | null>();
    expectTypeOf(sum).toEqualTypeOf<number>();
  });
  socket.volatile.emit("add", 1, 2, (sum) => expectTypeOf(sum).toEqualTypeOf<number>());
  socket.volatile.timeout(1).emit("add", 1, 2, (error, sum) => [error, sum]);
  // @ts-expect-error: with a time limit the error comes first
  socket.timeout(1).emit("add", 1, 2, (sum: number) => sum);
});

test("[P5] a socket without event maps takes any event with any arguments", () => {
  const socket = io("http://a");
  socket.emit("anything", 1, { two: 2 }, (answer: string) => answer);
  socket.on("anything", (text: string) => text);
  socket.on("anything", (text) => text.trim());
  expectTypeOf(socket.emitWithAck("x")).resolves.toBeAny();
  socket.timeout(5).emit("x", (error: Error | null, answer: string) => [error, answer]);
});

type TransportName = "websocket" | "sse" | "polling";

test("types of a manager's events", () => {
  const manager = io("http://a").io;
  manager.on("reconnect_attempt", (attempt) => expectTypeOf(attempt).toEqualTypeOf<number>());
  manager.on("state", (state) => {
    if (state.name === "waiting") expectTypeOf(state.retryAt).toEqualTypeOf<number>();
    if (state.name === "connected") expectTypeOf(state.transport).toEqualTypeOf<TransportName>();
  });
  // @ts-expect-error: no such event
  manager.on("opened", () => {});
});
