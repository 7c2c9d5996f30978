import { expectTypeOf, test } from "vitest";
import {
  type Broadcast,
  type DisconnectReason,
  type Namespace,
  type Resumption,
  Server,
  type Socket,
  type SocketOperator,
} from "./index.ts";

interface ClientToServer {
  say: (text: string, done: (id: number) => void) => void;
  leave: () => void;
}

interface ServerToClient {
  said: (who: string, text: string) => void;
  ask: (question: string, answer: (text: string) => void) => void;
}

interface Data {
  name: string;
}

const io = new Server<ClientToServer, ServerToClient, object, Data>();

test("listeners get their event's arguments and the ack", () => {
  io.on("connection", (socket) => {
    expectTypeOf(socket).toEqualTypeOf<Socket<ClientToServer, ServerToClient, object, Data>>();
    expectTypeOf(socket.data).toEqualTypeOf<Data>();
    socket.on("say", (text, done) => {
      expectTypeOf(text).toEqualTypeOf<string>();
      expectTypeOf(done).toEqualTypeOf<(id: number) => void>();
    });
    socket.on("say", async (text) => void text.length);
    socket.on("disconnect", (reason, details) => {
      expectTypeOf(reason).toEqualTypeOf<DisconnectReason>();
      expectTypeOf(details).toBeAny();
    });
    socket.on("disconnecting", (reason) => expectTypeOf(reason).toEqualTypeOf<DisconnectReason>());
    // @ts-expect-error there is no such event
    socket.on("shout", () => {});
    // @ts-expect-error the text is no number
    socket.on("say", (text: number) => text);
  });
});

test("emits are checked, with and without an ack", () => {
  io.on("connection", async (socket) => {
    socket.emit("said", "ada", "hello");
    socket.emit("ask", "why?", (text) => expectTypeOf(text).toEqualTypeOf<string>());
    // @ts-expect-error an argument is missing
    socket.emit("said", "ada");
    // @ts-expect-error there is no such event
    socket.emit("sad", "ada");
    expectTypeOf(await socket.emitWithAck("ask", "why?")).toEqualTypeOf<string>();
    expectTypeOf(await socket.timeout(5).emitWithAck("ask", "why?")).toEqualTypeOf<string>();
    socket.timeout(5).emit("ask", "why?", (error, text) => {
      expectTypeOf(error).toEqualTypeOf<Error | null>();
      expectTypeOf(text).toEqualTypeOf<string>();
    });
    expectTypeOf(socket.timeout(5)).toEqualTypeOf<SocketOperator<ServerToClient, Data, true>>();
  });
});

test("broadcasts answer with a list", async () => {
  io.to("lobby").emit("said", "ada", "hello");
  io.emit("said", "ada", "hello");
  expectTypeOf(await io.timeout(5).emitWithAck("ask", "why?")).toEqualTypeOf<string[]>();
  io.timeout(5)
    .to("lobby")
    .emit("ask", "why?", (error, answers) => {
      expectTypeOf(error).toEqualTypeOf<Error | null>();
      expectTypeOf(answers).toEqualTypeOf<string[]>();
    });
  expectTypeOf(io.to("lobby").except("porch").volatile).toEqualTypeOf<Broadcast<ServerToClient, Data>>();
  // @ts-expect-error there is no such event
  io.to("lobby").emit("sad");
});

test("[P5] without a map every event goes, with any arguments", () => {
  const plain = new Server();
  plain.on("connection", (socket) => {
    socket.on("say", (text: string, done: (id: number) => void) => done(text.length));
    socket.on("look", (what) => what.trim());
    socket.emit("whatever", 1, { two: 2 });
    socket.on("disconnect", (reason) => expectTypeOf(reason).toEqualTypeOf<DisconnectReason>());
    socket.data.name = "ada";
  });
  expectTypeOf(plain.of("/admin")).not.toBeAny();
  expectTypeOf(plain.of("/admin")).toExtend<Namespace>();
});

test("a namespace may have a map of its own", () => {
  const admin = io.of<{ ban: (who: string) => void }, { banned: (who: string) => void }>("/admin");
  admin.on("connection", (socket) => {
    socket.on("ban", (who) => expectTypeOf(who).toEqualTypeOf<string>());
    socket.broadcast.emit("banned", "bob");
    expectTypeOf(socket.nsp.name).toEqualTypeOf<string>();
  });
});

test("[P6] the namespace of a socket has all that the class has", () => {
  type Public<Type> = Exclude<keyof Type, `_${string}`>;
  expectTypeOf<Public<Socket["nsp"]>>().toEqualTypeOf<Public<InstanceType<typeof Namespace>>>();
  expectTypeOf<Socket["nsp"]>().toEqualTypeOf<Namespace>();
});

test("what is known of a socket's resumption, and what it tells of, is typed", () => {
  io.on("connection", ({ resumption }) => {
    expectTypeOf(resumption).toEqualTypeOf<Resumption | undefined>();
    resumption?.on("suspend", (reason) => expectTypeOf(reason).toEqualTypeOf<DisconnectReason>());
    resumption?.once("resume", ({ gap }) =>
      expectTypeOf(gap?.why).toEqualTypeOf<"overflow" | "trimmed" | undefined>(),
    );
    resumption?.on("gap", ({ from, to }) => expectTypeOf(to - from).toBeNumber());
    // @ts-expect-error it tells of nothing else
    resumption?.on("news", () => {});
  });
});

test("a middleware gets the socket and next", () => {
  io.use((socket, next) => {
    expectTypeOf(socket.handshake.auth["token"]).toBeAny();
    socket.data.name = "ada";
    next(new Error("no"));
  });
  io.use(async (_socket, next) => next());
});
