import type { Socket } from "socket.io";
import type { Scenario } from "../scenario.ts";

type Answer = (...values: unknown[]) => void;

export const acks: readonly Scenario[] = [
  {
    name: "an ack in each direction: several values, binary, none",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.on("several", (answer: Answer) => answer(1, "two", { three: null }, undefined));
        socket.on("none", (answer: Answer) => answer());
        socket.on("binary", (bytes: Buffer, answer: Answer) => answer(bytes, Buffer.isBuffer(bytes)));
        socket.emit("question", 5, (...values: unknown[]) => w.note("server", "answer", ...values));
      });
      const client = w.dial();
      client.on("question", (value, answer: Answer) => answer(value + 1, [Buffer.from([value])]));
      await w.arrived(client);
      for (const event of ["several", "none"]) {
        client.emit(event, (...values: unknown[]) => w.note("client", event, ...values));
      }
      client.emit("binary", Buffer.from([1, 2]), (...values: unknown[]) =>
        w.note("client", "binary", ...values),
      );
      await w.seen("client", "binary");
      await w.seen("server", "answer");
    },
  },
  {
    name: "an ack that is given twice counts once, one for an unknown id not at all",
    ends: "server",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.emit("question", (value: unknown) => w.note("server", "answer", value));
        socket.on("ask", (answer: Answer) => {
          answer("first");
          answer("second");
        });
        w.record("server", socket, "after");
      });
      const ws = await w.joined();
      w.note("wire", "frame", await ws.next());
      for (const frame of ['430["yes"]', '430["no"]', '4399["unknown"]', '425["ask"]', '42["after"]'])
        ws.send(frame);
      await w.seen("server", "after");
      w.note("wire", "frame", await ws.next());
      ws.send('426["ask"]');
      w.note("wire", "frame", await ws.next());
    },
  },
  {
    name: "timeout() on the client: in time, too late, and the late answer is ignored",
    async run(w) {
      const io = await w.serve();
      let held: Answer = () => undefined;
      io.on("connection", (socket) => {
        socket.on("quick", (answer: Answer) => answer("here"));
        socket.on("slow", (answer: Answer) => (held = answer));
        socket.on("now", (answer: Answer) => {
          held("too late");
          answer();
        });
      });
      const client = await w.connect();
      const noted =
        (kind: string) =>
        (error: Error | null, ...values: unknown[]): void =>
          w.note("client", kind, error, ...values);
      client.timeout(5_000).emit("quick", noted("quick"));
      await w.seen("client", "quick");
      client.timeout(10).emit("slow", noted("slow"));
      await w.seen("client", "slow");
      await client.emitWithAck("now");
      await w.settled("client", "quick promise", client.timeout(5_000).emitWithAck("quick"));
      await w.settled("client", "slow promise", client.timeout(5).emitWithAck("slow"));
    },
  },
  {
    name: "timeout() on the server's socket: in time and too late, as callback and as promise",
    async run(w) {
      const io = await w.serve();
      const connected = new Promise<Socket>((resolve) => io.on("connection", resolve));
      const client = w.dial();
      client.on("quick", (value, answer: Answer) => answer(value, "more"));
      client.on("slow", () => undefined);
      const socket = await connected;
      const noted =
        (kind: string) =>
        (error: Error | null, ...values: unknown[]): void =>
          w.note("server", kind, error, ...values);
      socket.timeout(5_000).emit("quick", 1, noted("quick"));
      await w.seen("server", "quick");
      socket.timeout(10).emit("slow", noted("slow"));
      await w.seen("server", "slow");
      await w.settled("server", "quick promise", socket.timeout(5_000).emitWithAck("quick", 2));
      await w.settled("server", "slow promise", socket.timeout(5).emitWithAck("slow"));
      await w.settled("server", "without timeout", socket.emitWithAck("quick", 3));
    },
  },
  {
    name: "an event that waits for the connection is dropped when its ack times out",
    ends: "client",
    async run(w) {
      const server = await w.scriptedServer();
      const client = w.keep(w.client.io(server.url, { autoConnect: false, transports: ["websocket"] }));
      client.emit("stays");
      client.timeout(5).emit("goes", (error: unknown) => {
        w.note("client", "ack", error);
        w.note("client", "buffered", client.sendBuffer.length);
      });
      w.note("client", "buffered", client.sendBuffer.length);
      await w.seen("client", "ack");
      client.connect();
      const peer = await server.peer();
      w.note("wire", "frame", await peer.next());
      peer.send('40{"sid":"made-by-hand-7654321"}');
      w.note("wire", "frame", await peer.next());
    },
  },
  {
    name: "acks that are pending when the client disconnects: with an error if they take one, else never",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => socket.on("ask", () => socket.emit("asked")));
      const client = await w.connect();
      client.emit("ask", () => w.note("client", "plain"));
      client
        .timeout(5_000)
        .emit("ask", (error: unknown, ...rest: unknown[]) => w.note("client", "timed", error, rest.length));
      const promise = w.settled("client", "promise", client.emitWithAck("ask"));
      let asked = 0;
      await new Promise<void>((resolve) =>
        client.on("asked", () => {
          if ((asked += 1) === 3) resolve();
        }),
      );
      client.on("disconnect", (reason) => w.note("client", "disconnect", reason));
      client.disconnect();
      await promise;
      await w.seen("client", "timed");
    },
  },
  {
    name: "a timed ack of the server's that is pending when the client leaves",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      const connected = new Promise<Socket>((resolve) => io.on("connection", resolve));
      const client = w.dial();
      const socket = await connected;
      client.on("ask", () => client.disconnect());
      w.record("server", socket, "disconnect");
      socket.timeout(1_500).emit("ask", (error: Error) => w.note("server", "ack", error instanceof Error));
      await w.seen("server", "ack");
    },
  },
  {
    name: "an ack that the server gives after the client left goes nowhere",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) =>
        socket.on("ask", (answer: Answer) => {
          socket.on("disconnect", () => {
            w.tried("server", "answer", () => answer("late"));
          });
          socket.disconnect();
        }),
      );
      const client = await w.connect();
      w.record("client", client, "disconnect");
      client.emit("ask", () => w.note("client", "never"));
      await w.seen("client", "disconnect");
      await w.seen("server", "answer");
    },
  },
  {
    name: "ackTimeout of the client: every callback takes an error first",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.on("quick", (answer: Answer) => answer("here"));
        socket.on("slow", () => undefined);
      });
      const patient = await w.connect("/", { ackTimeout: 5_000, forceNew: true });
      patient.emit("quick", (...values: unknown[]) => w.note("patient", "quick", ...values));
      const hasty = await w.connect("/", { ackTimeout: 20, forceNew: true });
      hasty.emit("slow", (...values: unknown[]) => w.note("hasty", "slow", ...values));
      await w.settled("hasty", "promise", hasty.emitWithAck("slow"));
      hasty.timeout(5_000).emit("quick", (...values: unknown[]) => w.note("hasty", "timed", ...values));
      await w.seen("hasty", "timed");
      await w.seen("patient", "quick");
    },
  },
  {
    name: "retries: one event at a time, repeated until it is acked",
    async run(w) {
      const io = await w.serve();
      // How often it is repeated depends on how busy the machine is; only what comes first does not.
      const copies = new Map<unknown, number>();
      io.on("connection", (socket) => {
        for (const event of ["stubborn", "quick"]) {
          socket.on(event, (value, answer: Answer) => {
            const copy = (copies.get(value) ?? 0) + 1;
            copies.set(value, copy);
            if (copy === 1) w.note("server", event, value);
            if (event === "quick") answer(value);
            else if (copy === 2) w.note("server", "again", value);
            if (copy >= 2) answer(value);
          });
        }
      });
      const client = await w.connect("/", { retries: 50, ackTimeout: 100 });
      for (const [event, value] of [
        ["stubborn", 1],
        ["quick", 2],
        ["stubborn", 3],
        ["quick", 4],
      ] as const) {
        client.emit(event, value, (...values: unknown[]) => w.note("client", event, ...values));
      }
      await w.seen("client", "quick", 2);
    },
  },
  {
    name: "retries: given up after so many, and the next one goes on",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.on("deaf", (value) => w.note("server", "deaf", value));
      });
      const client = await w.connect("/", { retries: 2, ackTimeout: 20 });
      for (const value of [1, 2]) {
        client.emit("deaf", value, (...values: unknown[]) =>
          w.note("client", "given up", value, values.length, values[0]),
        );
      }
      await w.seen("client", "given up", 2);
      await w.seen("server", "deaf", 6);
    },
  },
  {
    name: "retries: volatile events do not wait in the queue",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        let answer: Answer = () => undefined;
        socket.on("held", (given: Answer) => {
          w.note("server", "held");
          answer = given;
          socket.emit("holding");
        });
        socket.on("volatile", () => {
          w.note("server", "volatile");
          answer();
        });
        socket.on("next", (given: Answer) => {
          w.note("server", "next");
          given();
        });
      });
      const client = await w.connect("/", { retries: 3, ackTimeout: 5_000 });
      client.on("holding", () => client.volatile.emit("volatile"));
      client.emit("held");
      client.emit("next");
      await w.seen("server", "next");
    },
  },
  {
    name: "acks of a broadcast: all of them, as callback and as promise; of nobody",
    async run(w) {
      const io = await w.serve();
      const clients = [];
      for (const name of ["a", "b", "c"]) {
        const client = await w.connect("/", { forceNew: true });
        client.on("ask", (value, answer: Answer) => answer(name + value, "ignored"));
        clients.push(client);
      }
      io.timeout(5_000).emit("ask", 1, (error: unknown, values: string[]) =>
        w.note("server", "callback", error, values.toSorted()),
      );
      await w.seen("server", "callback");
      const all = io.timeout(5_000).emitWithAck("ask", 2);
      await w.settled(
        "server",
        "promise",
        all.then((values: string[]) => values.toSorted()),
      );
      io.to("nobody")
        .timeout(5_000)
        .emit("ask", (error: unknown, values: unknown) => w.note("server", "nobody", error, values));
      await w.seen("server", "nobody");
      const [socket] = [...io.sockets.sockets.values()];
      if (!socket) throw new Error("no socket");
      const others = socket.broadcast.timeout(5_000).emitWithAck("ask", 3);
      await w.settled(
        "server",
        "others",
        others.then((values: string[]) => values.length),
      );
    },
  },
  {
    name: "acks of a broadcast that are missing when the time is over: the error, with those that came",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      const quick = await w.connect("/", { forceNew: true });
      await w.connect("/", { forceNew: true });
      quick.on("ask", (answer: Answer) => answer("quick"));
      // Long enough for the one answer; both wait at once.
      io.timeout(1_500).emit("ask", (error: unknown, values: unknown) =>
        w.note("callback", "called", error, values),
      );
      await io
        .timeout(1_500)
        .emitWithAck("ask")
        .catch((error: Error & { responses: unknown }) =>
          w.note("promise", "rejects", error, error.responses),
        );
      await w.seen("callback", "called");
      await w.seen("promise", "rejects");
    },
  },
  {
    name: "a broadcast with an ack and without a timeout",
    async run(w) {
      const io = await w.serve();
      w.tried("server", "emit", () => io.emit("ask", () => undefined));
    },
  },
];
